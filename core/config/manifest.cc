#include "core/config/manifest.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "core/config/limits_schema.h"
#include "core/config/toml.h"
#include "core/config/variables.h"
#include "core/report/nearest.h"
#include "core/signing/limits.h"
#include "freshet/format/address.h"
#include "freshet/format/reason.h"
#include "freshet/plugin.h"

namespace freshet {
namespace {

// What stands in a header as it is.
bool can_be_said(std::string_view key) {
  return std::ranges::all_of(key, [](char c) { return c >= ' ' && c <= '~'; }) &&
         !key.starts_with(' ') && !key.ends_with(' ');
}

constexpr freshet_setting kServer[] = {
    setting::required(setting::list("listen", "Addresses for clients, like \"127.0.0.1:4747\".")),
    setting::text("admin", nullptr,
                  "Address for rooms, metrics and health, like \"unix:data/admin.sock\"."),
    setting::boolean("admin_public", "false", "The admin address may be no local one."),
    setting::secret(setting::text(
        "admin_key", nullptr,
        "What who asks the admin address over TCP must say, like \"${FRESHET_ADMIN_KEY}\".")),
    setting::list("admin_hosts", "Names that the admin address is reached by, beside its own."),
    setting::text("metrics", nullptr,
                  "Address for metrics and health alone, like \"0.0.0.0:9090\"."),
    setting::boolean("open", "false", "Without auth, other machines may connect all the same."),
    setting::choice("log", "text", "text|json", "How log lines look."),
    setting::choice("log_level", "info", "debug|info|warn|error", "The least that is logged."),
    setting::choice("veto_on_late", "refuse", "refuse|allow",
                    "What an app was asked before it happens, and did not answer in time."),
    setting::list("plugin_path", "Folders searched for plugins before the server's own."),
    setting::boolean("require_signed", "false", "Only plugins that a trusted key has signed."),
    setting::list("trusted_keys", "Public keys, as `freshet plugin keygen` prints them."),
};

uint32_t line_of(const toml::source_region& source) {
  return std::max<uint32_t>(1, source.begin.line);
}

std::string type_name(toml::node_type type) {
  switch (type) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "a list";
    case toml::node_type::floating_point: return "a number with a point";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return "a date or time";
    default: return "what it is";
  }
}

// Files of variables that may be beside a manifest: that of `freshet init`, and that of the
// package's service.
std::vector<std::string> variable_files(const std::string& manifest) {
  return {environment_file(manifest),
          std::filesystem::path(manifest).replace_filename("secrets").string()};
}

// How a variable gets set that stands in one of them; empty: it stands in none.
std::string way_to(const std::vector<std::string>& files, const std::string& name) {
  if (name.empty()) return "";
  for (const std::string& file : files) {
    std::ifstream in(file);
    if (!in.is_open() && errno == EACCES) {
      return "; " + file + " may have it, which this user may not read";
    }
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with(name + "=")) continue;
      const std::string path = file.find('/') == std::string::npos ? "./" + file : file;
      return "; " + file + " has it: `set -a; . " + path +
             "; set +a` in a shell, EnvironmentFile= in a unit of systemd";
    }
  }
  return "";
}

// One pass over the document; every mistake goes to `problems`.
class Reader {
 public:
  // `beside`: files in which variables may stand, for who forgot them.
  Reader(Manifest& out, const Environment& environment, std::vector<std::string> beside,
         Problems& problems)
      : out_(out), environment_(environment), beside_(std::move(beside)), problems_(problems) {}

  void read(const toml::table& root) {
    const toml::table none;
    out_.plugins_known = true;
    const toml::table* server = &none;
    for (auto&& [key, node] : root) {
      const std::string name(key.str());
      const uint32_t line = line_of(key.source());
      if (name == "server") {
        server = table_at(node, name, line, "[server]");
      } else if (name == "limits") {
        const toml::table* limits = table_at(node, name, line, "[limits]");
        const WrittenTable written = limits != nullptr ? table(*limits, name) : WrittenTable{};
        out_.limits = read_limits(written, {name, "", line}, problems_);
      } else if (name == "plugin") {
        plugins(node, line);
      } else {
        static constexpr std::string_view kSections[] = {"server", "limits", "plugin"};
        problems_.add(line, name, "is no section" + suggestion(name, kSections));
      }
    }
    if (server != nullptr) this->server(*server);
  }

 private:
  const toml::table* table_at(const toml::node& node, const std::string& key, uint32_t line,
                              const char* as) {
    const toml::table* found = node.as_table();
    if (found == nullptr) {
      problems_.add(line, key,
                    std::string("must be the section ") + as + ", not " + describe(node));
    }
    return found;
  }

  static std::string describe(const toml::node& node) {
    if (node.is_string()) return "a text";
    if (node.is_integer()) return "a number";
    if (node.is_boolean()) return "true or false";
    return type_name(node.type());
  }

  // Text with its variables filled in; broken if that cannot be.
  Written text(const std::string& raw, const std::string& key, uint32_t line) {
    Written out;
    Expanded expanded = expand_variables(raw, environment_);
    if (expanded.fault.empty() && expanded.text.find('\0') != std::string::npos) {
      expanded.fault = "has a NUL character";
    }
    if (!expanded.fault.empty()) {
      problems_.add(line, key, expanded.fault + way_to(beside_, expanded.unset));
      return out;
    }
    out.kind = Written::Kind::text;
    out.text = std::move(expanded.text);
    out.from_environment = expanded.used;
    if (expanded.used) hidden_.insert(out.text);
    return out;
  }

  // What came out of a variable is not repeated: it may be a secret in the wrong place.
  std::string shown(const std::string& text) const {
    return hidden_.contains(text) ? "what its variable holds" : "\"" + text + "\"";
  }

  Written list(const toml::array& array, const std::string& key, uint32_t line) {
    Written out;
    out.kind = Written::Kind::list;
    for (const toml::node& node : array) {
      const toml::value<std::string>* item = node.as_string();
      if (item == nullptr) {
        out.kind = Written::Kind::other;
        out.text = "a list with " + describe(node) + " in it";
        return out;
      }
      Written element = text(item->get(), key, std::max(line, line_of(node.source())));
      if (element.kind == Written::Kind::broken) return element;
      out.from_environment = out.from_environment || element.from_environment;
      out.list.push_back(std::move(element.text));
    }
    return out;
  }

  Written value(const toml::node& node, const std::string& key, uint32_t line) {
    if (const auto* found = node.as_string()) return text(found->get(), key, line);
    if (const auto* found = node.as_array()) return list(*found, key, line);
    Written out;
    if (const auto* found = node.as_boolean()) {
      out.kind = Written::Kind::boolean;
      out.number = found->get() ? 1 : 0;
    } else if (const auto* integer = node.as_integer()) {
      out.kind = Written::Kind::integer;
      out.number = integer->get();
    } else {
      out.kind = Written::Kind::other;
      out.text = describe(node);
    }
    return out;
  }

  WrittenTable table(const toml::table& from, const std::string& section) {
    WrittenTable out;
    for (auto&& [key, node] : from) {
      const std::string name(key.str());
      const uint32_t line = line_of(key.source());
      out.push_back({name, line, value(node, section + "." + name, line)});
    }
    return out;
  }

  void plugins(const toml::node& node, uint32_t line) {
    const toml::array* array = node.as_array();
    if (array == nullptr || (!array->empty() && !array->is_array_of_tables())) {
      problems_.add(line, "plugin", "must be written [[plugin]], with two brackets");
      out_.plugins_known = false;
      return;
    }
    if (array->size() > kMaxPlugins) {
      problems_.add(line, "plugin", "more than " + std::to_string(kMaxPlugins) + " plugins");
      out_.plugins_known = false;
      return;
    }
    for (const toml::node& entry : *array) plugin(*entry.as_table());
  }

  void plugin(const toml::table& entry) {
    Manifest::Plugin out;
    out.line = line_of(entry.source());
    out.settings_line = out.line;
    bool has_use = false;
    for (auto&& [key, node] : entry) {
      const std::string name(key.str());
      const uint32_t line = line_of(key.source());
      if (name == "use") {
        has_use = true;
        use(node, line, out);
      } else if (name == "settings") {
        const toml::table* settings = table_at(node, "plugin.settings", line, "[plugin.settings]");
        if (settings == nullptr) continue;
        out.settings_line = line;
        out.settings = table(*settings, "plugin.settings");
      } else if (name == "limits") {
        const toml::table* limits = table_at(node, "plugin.limits", line, "[plugin.limits]");
        if (limits == nullptr) continue;
        out.limits = read_plugin_limits(table(*limits, "plugin.limits"),
                                        {"plugin.limits", "", line}, problems_);
      } else if (name == "essential") {
        essential(node, line, out);
      } else {
        static constexpr std::string_view kKeys[] = {"use", "settings", "limits", "essential"};
        problems_.add(
            line, "plugin." + name,
            "is none of use, settings, limits and essential; what a plugin is told goes into "
            "[plugin.settings]" +
                std::string(nearest(name, kKeys).empty() ? "" : suggestion(name, kKeys)));
      }
    }
    if (!has_use) {
      problems_.add(out.line, "plugin.use", "is missing: say which plugin, like \"store-sqlite\"");
    }
    if (out.use.empty()) {
      out_.plugins_known = false;
    } else {
      out_.plugins.push_back(std::move(out));
    }
  }

  void essential(const toml::node& node, uint32_t line, Manifest::Plugin& out) {
    const auto* flag = node.as_boolean();
    if (flag == nullptr) {
      problems_.add(line, "plugin.essential", "must be true or false, not " + describe(node));
      return;
    }
    out.essential = flag->get();
  }

  void use(const toml::node& node, uint32_t line, Manifest::Plugin& out) {
    const Written written = value(node, "plugin.use", line);
    if (written.kind == Written::Kind::broken) return;
    out.line = line;
    out.use = written.text;
    if (written.kind == Written::Kind::text && !written.text.empty()) return;
    out.use.clear();
    problems_.add(line, "plugin.use", "must be a plugin's id, or the path of its file");
  }

  void server(const toml::table& from) {
    const uint32_t line = line_of(from.source());
    const Settings settings =
        Settings::check(kServer, table(from, "server"), {"server", "", line}, problems_);
    Manifest::Server& out = out_.server;
    const auto text = [&](const char* key) {
      return settings.find(key) != nullptr ? settings.text(key) : std::string{};
    };
    const auto flag = [&](const char* key) {
      return settings.find(key) != nullptr && settings.flag(key);
    };
    out.open = flag("open");
    out.log = text("log") == "json" ? LogFormat::json : LogFormat::text;
    const std::string level = text("log_level");
    out.log_level = level == "debug"   ? FRESHET_DEBUG
                    : level == "warn"  ? FRESHET_WARN
                    : level == "error" ? FRESHET_ERROR
                                       : FRESHET_INFO;
    out.late_veto_allows = text("veto_on_late") == "allow";
    out.plugin_path = settings.list("plugin_path");
    trust(out.trust, settings.list("trusted_keys"), flag("require_signed"),
          line_in(from, "trusted_keys", line));
    out.listen = settings.list("listen");
    out.listen_line = line_in(from, "listen", line);
    addresses(out, settings.find("listen") != nullptr);
    out.admin = text("admin");
    if (!out.admin.empty()) {
      admin(out, line_in(from, "admin", line), flag("admin_public"));
    } else if (settings.find("admin") != nullptr) {
      problems_.add(line_in(from, "admin", line), "server.admin", "is empty");
    }
    out.admin_hosts = settings.list("admin_hosts");
    out.metrics = text("metrics");
    if (!out.metrics.empty()) metrics(out, line_in(from, "metrics", line));
    const bool good = settings.find("admin_key") != nullptr;
    const bool said = from.contains("admin_key");
    if (good || !said) admin_key(out, text("admin_key"), said, line_in(from, "admin_key", line));
  }

  void trust(Trust& out, const std::vector<std::string>& keys, bool require_signed, uint32_t line) {
    out.require_signed = require_signed;
    const auto add = [&](const std::string& reason) {
      problems_.add(line, "server.trusted_keys", reason);
    };
    for (const std::string& text : keys) {
      if (const auto key = PublicKey::parse(text)) {
        out.keys.push_back(*key);
      } else {
        add(shown(text) + " is no key like \"freshet-key:...\"; `freshet plugin keygen` makes one");
      }
    }
    if (keys.size() > kMaxTrustedKeys)
      add("more than " + std::to_string(kMaxTrustedKeys) + " keys");
    if (require_signed && keys.empty()) add("is missing, and server.require_signed needs one");
    if (!require_signed && !keys.empty()) add("is of no use without require_signed = true");
  }

  static uint32_t line_in(const toml::table& from, std::string_view key, uint32_t otherwise) {
    for (auto&& [name, node] : from) {
      if (name.str() == key) return line_of(name.source());
    }
    return otherwise;
  }

  void addresses(const Manifest::Server& server, bool given) {
    std::set<std::string> seen;
    const auto add = [&](const std::string& reason) {
      problems_.add(server.listen_line, "server.listen", reason);
    };
    if (given && server.listen.empty()) add("names no address");
    if (server.listen.size() > kMaxListeners) {
      add("more than " + std::to_string(kMaxListeners) + " addresses");
    }
    for (const auto& address : server.listen) {
      std::string reason;
      if (!parse_address(address, reason)) add(shown(address) + " " + reason);
      if (!seen.insert(address).second && !address.ends_with(":0")) {
        add(shown(address) + " is there twice");
      }
    }
  }

  void admin(const Manifest::Server& server, uint32_t line, bool may_be_public) {
    std::string reason;
    const auto address = parse_address(server.admin, reason);
    if (!address) {
      problems_.add(line, "server.admin", shown(server.admin) + " " + reason);
      return;
    }
    const auto& listen = server.listen;
    if (std::find(listen.begin(), listen.end(), server.admin) != listen.end() &&
        !server.admin.ends_with(":0")) {
      problems_.add(line, "server.admin", "is an address of server.listen, too");
    }
    if (address->local() || may_be_public) return;
    problems_.add(line, "server.admin",
                  shown(server.admin) +
                      " is open to other machines: use unix:, 127.0.0.1, or say "
                      "admin_public = true");
  }

  // Over TCP every program of the machine is a client, and pages of its browsers would be.
  void admin_key(Manifest::Server& server, std::string key, bool said, uint32_t line) {
    std::string reason;
    const auto address = parse_address(server.admin, reason);
    const bool wanted = address && address->kind != Address::Kind::unix_socket;
    server.admin_key = std::move(key);
    if (!said && wanted) {
      problems_.add(line, "server.admin_key",
                    "is missing, and whoever reaches " + shown(server.admin) +
                        " could read and erase every room: say admin_key = "
                        "\"${FRESHET_ADMIN_KEY}\", of " +
                        std::to_string(kLeastKeyCharacters) +
                        " characters or more, or use a socket like "
                        "admin = \"unix:data/admin.sock\"");
    } else if (said && !can_be_said(server.admin_key)) {
      problems_.add(line, "server.admin_key",
                    "has a character that no header can have, or a space or an end of a line at "
                    "an end: use letters, digits and signs");
    } else if (said && server.admin_key.size() < kLeastKeyCharacters) {
      problems_.add(line, "server.admin_key",
                    "is shorter than " + std::to_string(kLeastKeyCharacters) +
                        " characters: `openssl rand -hex 16` makes one");
    }
  }

  void metrics(const Manifest::Server& server, uint32_t line) {
    std::string reason;
    const auto add = [&](const std::string& why) { problems_.add(line, "server.metrics", why); };
    if (!parse_address(server.metrics, reason)) add(shown(server.metrics) + " " + reason);
    const bool is_free = server.metrics.ends_with(":0");
    const auto& listen = server.listen;
    if (!is_free && server.metrics == server.admin) add("is the address of server.admin, too");
    if (!is_free && std::find(listen.begin(), listen.end(), server.metrics) != listen.end()) {
      add("is an address of server.listen, too");
    }
  }

  Manifest& out_;
  const Environment& environment_;
  const std::vector<std::string> beside_;
  Problems& problems_;
  std::set<std::string> hidden_;  // texts with what a variable holds
};

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

std::string environment_file(const std::string& manifest) {
  return std::filesystem::path(manifest).replace_extension(".env").string();
}

namespace {

Manifest parse(std::string file, std::string_view toml, const Environment& environment,
               std::vector<std::string> beside, Problems& problems) {
  Manifest out;
  out.file = std::move(file);
  if (toml.size() > kMaxManifestBytes) {
    problems.add(1, "", "is larger than 1 MiB: not a manifest");
    return out;
  }
  const toml::parse_result parsed = toml::parse(toml, out.file);
  if (!parsed) {
    problems.add(line_of(parsed.error().source()), "",
                 "is not TOML: " + std::string(parsed.error().description()));
    return out;
  }
  Reader(out, environment, std::move(beside), problems).read(parsed.table());
  return out;
}

}  // namespace

Manifest parse_manifest(std::string file, std::string_view toml, const Environment& environment,
                        Problems& problems) {
  return parse(std::move(file), toml, environment, {}, problems);
}

Manifest read_manifest(const std::string& file, const Environment& environment,
                       Problems& problems) {
  Manifest out;
  out.file = file;
  std::ifstream in(file, std::ios::binary);
  std::string text(kMaxManifestBytes + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) {
    problems.add(1, "", "cannot be read: " + reason_of(errno));
    return out;
  }
  text.resize(static_cast<size_t>(in.gcount()));
  return parse(file, text, environment, variable_files(file), problems);
}

}  // namespace freshet
