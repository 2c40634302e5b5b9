#include "core/host/plugin_host.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "core/host/service_tables.h"
#include "core/host/settings_faults.h"
#include "core/report/in_plugin.h"
#include "freshet/abi.h"
#include "freshet/format/address.h"
#include "freshet/sink.h"

namespace freshet {
namespace {

constexpr const char* kSingle[] = {FRESHET_PLATFORM_ID, FRESHET_CRDT_ID, FRESHET_STORE_ID,
                                   FRESHET_AUTH_ID, FRESHET_BUS_ID};

struct Needed {
  const char* id;
  const char* what;
};
constexpr Needed kNeeded[] = {
    {FRESHET_PLATFORM_ID, "listens and keeps connections"},
    {FRESHET_CRDT_ID, "merges edits"},
    {FRESHET_STORE_ID, "keeps rooms"},
    {FRESHET_PROTOCOL_ID, "speaks to clients"},
};

freshet_level known_level(freshet_level level) {
  return level >= FRESHET_DEBUG && level <= FRESHET_ERROR ? level : FRESHET_INFO;
}

}  // namespace

// A plugin written in C++ without the SDK's wrapper may throw through its C function: the border
// is here, too.
template <class Call>
bool PluginHost::survives(const std::string& id, const char* what, Call&& call) {
  const Steps::Step step(steps_, id + "." + what);
  const InPlugin inside(step.what());
  try {
    call();
    return true;
  } catch (const std::exception& e) {
    log_.error(id, std::string(what) + " threw: " + e.what());
  } catch (...) {
    log_.error(id, std::string(what) + " threw something that is no std::exception");
  }
  return false;
}

PluginHost::~PluginHost() {
  for (auto plugin = plugins_.rbegin(); plugin != plugins_.rend(); ++plugin) end_one(*plugin);
}

void PluginHost::end_but(const std::vector<std::string>& services) {
  const auto stay = chosen(services);
  for (auto plugin = plugins_.rbegin(); plugin != plugins_.rend(); ++plugin) {
    if (std::ranges::find(stay, &*plugin) == stay.end()) end_one(*plugin);
  }
}

void PluginHost::end_one(Plugin& plugin) {
  if (!std::exchange(plugin.created, false)) return;
  log_.debug(plugin.id, "ends");
  survives(plugin.id, "destroy", [&] { plugin.file.about().destroy(plugin.self); });
}

void PluginHost::offer(std::string id, const void* table) {
  services_.push_back({std::move(id), table, "the core"});
}

bool PluginHost::Plugin::declares(std::string_view key) const {
  const auto& all = file.settings();
  return std::any_of(all.begin(), all.end(),
                     [&](const freshet_setting& setting) { return key == setting.key; });
}

// ---- load --------------------------------------------------------------------------------------

void PluginHost::load(const Manifest& manifest, const PluginPath& path, Composition composition,
                      Problems& problems) {
  for (const auto& entry : manifest.plugins) load_one(entry, path, manifest.server.trust, problems);
  // What follows from a plugin that could not be looked at would only be confusing.
  if (!manifest.plugins_known || plugins_.size() != manifest.plugins.size()) return;
  check_needs(manifest, problems);
  check_single(problems);
  if (composition == Composition::server) {
    check_complete(manifest, problems);
    check_open(manifest, problems);
  }
}

void PluginHost::load_one(const Manifest::Plugin& entry, const PluginPath& path, const Trust& trust,
                          Problems& problems) {
  std::string reason;
  const auto found = path.find(entry.use, reason);
  if (!found) {
    problems.add(entry.line, "plugin.use", reason);
    return;
  }
  const auto opened = [&] {
    const Steps::Step step(steps_, "dlopen of " + found->string());
    const InPlugin inside(step.what());
    return PluginFile::open(*found, reason, trust);
  };
  auto file = opened();
  if (!file) {
    problems.add(entry.line, "plugin.use", found->string() + " " + reason);
    return;
  }
  const std::string id = file->about().id;
  if (!PluginPath::is_file(entry.use) && id != entry.use) {
    problems.add(entry.line, "plugin.use", found->string() + " is the plugin \"" + id + "\"");
    return;
  }
  Plugin& plugin = plugins_.emplace_back(std::move(*file));
  plugin.line = entry.line;
  plugin.id = id;
  plugin.host = this;
  plugin.limits = entry.limits;
  check_limits(plugin, problems);
  const size_t known = problems.all().size();
  plugin.settings = Settings::check(plugin.file.settings(), entry.settings,
                                    {"plugin.settings", id, entry.settings_line}, problems);
  // One that the schema refuses, or that could not be read, has no value to ask about.
  const bool all_read = std::ranges::none_of(entry.settings, [](const WrittenEntry& each) {
    return each.value.kind == Written::Kind::broken;
  });
  if (all_read && problems.all().size() == known) ask_about_settings(plugin, entry, problems);
  const auto twin = std::find_if(plugins_.begin(), plugins_.end(),
                                 [&](const Plugin& other) { return other.id == id; });
  if (&*twin != &plugin) {
    problems.add(entry.line, "plugin.use",
                 "\"" + id + "\" is there already, in line " + std::to_string(twin->line));
  }
}

void PluginHost::check_limits(const Plugin& plugin, Problems& problems) {
  if (plugin.limits.while_open == PluginLimits::WhileOpen::refuse) return;
  if (plugin.file.offers(FRESHET_AUTH_ID)) return;
  problems.add(plugin.limits.line, "plugin.limits.while_open",
               "is of auth plugins, and \"" + plugin.id + "\" is none");
}

void PluginHost::ask_about_settings(Plugin& plugin, const Manifest::Plugin& entry,
                                    Problems& problems) {
  const freshet_plugin& about = plugin.file.about();
  if (!FRESHET_HAS(&about, check_settings)) return;
  const freshet_host table = table_to_judge_with(plugin);
  SettingsFaults faults(plugin.id, plugin.file.settings(), entry, log_, problems);
  freshet_status status = FRESHET_INTERNAL;
  survives(plugin.id, "check_settings", [&] { status = about.check_settings(&table, faults.c()); });
  faults.end(Status{status});
}

// Each plugin finds what it needs with the core or with one that comes before it.
void PluginHost::check_needs(const Manifest& manifest, Problems& problems) const {
  for (auto plugin = plugins_.begin(); plugin != plugins_.end(); ++plugin) {
    for (const std::string& need : plugin->file.needs()) {
      const auto offers = [&](const Plugin& other) { return other.file.offers(need); };
      const bool core = std::any_of(services_.begin(), services_.end(),
                                    [&](const Service& service) { return service.id == need; });
      if (core || std::any_of(plugins_.begin(), plugin, offers)) continue;
      std::string reason = "\"" + plugin->id + "\" needs " + need + ", which ";
      const auto later = std::find_if(plugin, plugins_.end(), offers);
      if (later != plugins_.end() && later != plugin) {
        reason += "\"" + later->id + "\" offers in line " + std::to_string(later->line) +
                  ": put that one first";
      } else {
        reason += "no plugin of " + manifest.file + " offers";
        if (const auto usual = usual_provider(need); !usual.empty()) {
          reason += ": put a [[plugin]] before it, like use = \"" + std::string(usual) + "\"";
        }
      }
      problems.add(plugin->line, "plugin.use", reason);
    }
  }
}

void PluginHost::check_single(Problems& problems) const {
  for (const char* id : kSingle) {
    const Plugin* first = nullptr;
    for (const Plugin& plugin : plugins_) {
      if (!plugin.file.offers(id)) continue;
      if (first == nullptr) {
        first = &plugin;
      } else if (first->id != plugin.id) {
        problems.add(plugin.line, "plugin.use",
                     "\"" + plugin.id + "\" offers " + id + ", and so does \"" + first->id +
                         "\" in line " + std::to_string(first->line) + ": there can be only one");
      }
    }
  }
}

void PluginHost::check_complete(const Manifest& manifest, Problems& problems) const {
  const uint32_t line = manifest.plugins.empty() ? 1 : manifest.plugins.back().line;
  for (const Needed& needed : kNeeded) {
    if (offers(needed.id)) continue;
    problems.add(line, "plugin",
                 std::string("no plugin offers ") + needed.id + ", which " + needed.what +
                     ": add a [[plugin]] like use = \"" + std::string(usual_provider(needed.id)) +
                     "\"");
  }
}

// Without auth everybody is let in: then only this machine may be everybody.
void PluginHost::check_open(const Manifest& manifest, Problems& problems) const {
  if (offers(FRESHET_AUTH_ID) || manifest.server.open) return;
  for (const std::string& text : manifest.server.listen) {
    std::string reason;
    const auto address = parse_address(text, reason);
    if (!address || address->local()) continue;
    problems.add(manifest.server.listen_line, "server.listen",
                 "\"" + text +
                     "\" is open to other machines, and no plugin asks who they are: add an auth "
                     "plugin like \"" +
                     std::string(usual_provider(FRESHET_AUTH_ID)) + "\", or say open = true");
  }
}

bool PluginHost::offers(std::string_view service) const {
  return std::any_of(plugins_.begin(), plugins_.end(),
                     [&](const Plugin& plugin) { return plugin.file.offers(service); });
}

const Settings* PluginHost::settings_of(std::string_view plugin) const {
  const auto it = std::ranges::find(plugins_, plugin, &Plugin::id);
  return it == plugins_.end() ? nullptr : &it->settings;
}

std::optional<int64_t> PluginHost::number(std::string_view plugin, std::string_view key) const {
  const auto it = std::ranges::find(plugins_, plugin, &Plugin::id);
  const freshet_value* value = it == plugins_.end() ? nullptr : it->settings.find(key);
  if (value == nullptr || value->type != FRESHET_INT) return std::nullopt;
  return value->number;
}

std::optional<std::string> PluginHost::text(std::string_view plugin, std::string_view key) const {
  const auto it = std::ranges::find(plugins_, plugin, &Plugin::id);
  const freshet_value* value = it == plugins_.end() ? nullptr : it->settings.find(key);
  if (value == nullptr || value->type != FRESHET_TEXT) return std::nullopt;
  return it->settings.text(key);
}

std::vector<const PluginFile*> PluginHost::plugins() const {
  std::vector<const PluginFile*> out;
  for (const Plugin& plugin : plugins_) out.push_back(&plugin.file);
  return out;
}

// ---- create ------------------------------------------------------------------------------------

Services PluginHost::create(Problems& problems) {
  return create_if([](const Plugin&) { return true; }, problems);
}

// Needs point to earlier plugins, so one walk from the end finds all of them.
std::vector<const PluginHost::Plugin*> PluginHost::chosen(
    const std::vector<std::string>& services) const {
  std::vector<std::string> wanted = services;
  std::vector<const Plugin*> out;
  for (auto plugin = plugins_.rbegin(); plugin != plugins_.rend(); ++plugin) {
    const bool want = std::any_of(wanted.begin(), wanted.end(),
                                  [&](const std::string& id) { return plugin->file.offers(id); });
    if (!want) continue;
    out.push_back(&*plugin);
    const auto& needs = plugin->file.needs();
    wanted.insert(wanted.end(), needs.begin(), needs.end());
  }
  return out;
}

bool PluginHost::takes(const std::vector<std::string>& services, std::string_view service) const {
  const auto all = chosen(services);
  return std::any_of(all.begin(), all.end(),
                     [&](const Plugin* plugin) { return plugin->file.offers(service); });
}

Services PluginHost::create_only(const std::vector<std::string>& services, Problems& problems) {
  const auto all = chosen(services);
  return create_if(
      [&](const Plugin& plugin) { return std::find(all.begin(), all.end(), &plugin) != all.end(); },
      problems);
}

Services PluginHost::create_if(const std::function<bool(const Plugin&)>& wanted,
                               Problems& problems) {
  for (Plugin& plugin : plugins_) {
    if (!wanted(plugin)) continue;
    if (!create_one(plugin, problems) || !collect(plugin, problems)) return {};
  }
  return sorted();
}

bool PluginHost::create_one(Plugin& plugin, Problems& problems) {
  plugin.table = table_for(plugin);
  freshet_status status = FRESHET_INTERNAL;
  const bool survived = survives(plugin.id, "create", [&] {
    status = plugin.file.about().create(&plugin.table, &plugin.self);
  });
  plugin.created = survived && status == FRESHET_OK;
  if (plugin.created) return true;
  failure_ = static_cast<Status>(status);
  problems.add(plugin.line, "plugin.use",
               "\"" + plugin.id + "\" does not start (" + std::string(name_of(failure_)) +
                   "); the log says why");
  return false;
}

bool PluginHost::collect(Plugin& plugin, Problems& problems) {
  for (const std::string& id : plugin.file.offers()) {
    const void* table = nullptr;
    std::string fault = "threw";
    if (survives(plugin.id, "service",
                 [&] { table = plugin.file.about().service(plugin.self, id.c_str()); })) {
      fault = table_fault(id, table);
    }
    if (!fault.empty()) {
      failure_ = Status::internal;
      problems.add(plugin.line, "plugin.use",
                   "\"" + plugin.id + "\" says it offers " + id + ", but " + fault);
      return false;
    }
    services_.push_back({id, table, plugin.id, plugin.line, plugin.limits});
  }
  return true;
}

Services PluginHost::sorted() const {
  Services out;
  for (const Service& service : services_) {
    const auto as = [&]<class Table>(const Offered<Table>&) {
      return Offered<Table>{static_cast<const Table*>(service.table), service.plugin, service.line,
                            service.limits};
    };
    if (service.id == FRESHET_PLATFORM_ID) out.platform = as(out.platform);
    if (service.id == FRESHET_STORE_ID) out.store = as(out.store);
    if (service.id == FRESHET_AUTH_ID) out.auth = as(out.auth);
    if (service.id == FRESHET_BUS_ID) out.bus = as(out.bus);
    if (service.id == FRESHET_CRDT_ID) out.crdt = as(out.crdt);
    if (service.id == FRESHET_PROTOCOL_ID) out.protocols.push_back(as(Offered<freshet_protocol>{}));
    if (service.id == FRESHET_HTTP_ID) out.https.push_back(as(Offered<freshet_http>{}));
    if (service.id == FRESHET_APP_ID) out.apps.push_back(as(Offered<freshet_app>{}));
  }
  return out;
}

const void* PluginHost::find(std::string_view id) const {
  for (const Service& service : services_) {
    if (service.id == id) return service.table;
  }
  return nullptr;
}

// ---- the store ---------------------------------------------------------------------------------

PluginHost::Plugin* PluginHost::store() {
  const auto it = std::find_if(plugins_.begin(), plugins_.end(), [](const Plugin& plugin) {
    return plugin.file.offers(FRESHET_STORE_ID);
  });
  return it == plugins_.end() ? nullptr : &*it;
}

bool PluginHost::restores() {
  const Plugin* plugin = store();
  return plugin != nullptr && FRESHET_HAS(&plugin->file.about(), restore);
}

Status PluginHost::restore_store(const std::string& backup) {
  Plugin* plugin = store();
  plugin->table = table_for(*plugin);
  freshet_status status = FRESHET_INTERNAL;
  survives(plugin->id, "restore", [&] {
    status = plugin->file.about().restore(&plugin->table, to_c(std::string_view(backup)));
  });
  return Status{status};
}

std::string PluginHost::store_in_words() {
  const Plugin* plugin = store();
  if (plugin == nullptr || plugin->file.shares_store()) return {};
  std::string out = plugin->id;
  for (const freshet_setting& setting : plugin->file.settings()) {
    const freshet_value* value = plugin->settings.find(setting.key);
    if (value == nullptr) continue;
    out += '\n' + std::string(setting.key) + '=' + std::to_string(value->number) +
           std::string(view(value->text));
    for (size_t i = 0; i < value->list_count; ++i) out += ',' + std::string(view(value->list[i]));
  }
  return out;
}

// ---- what a plugin sees of the host ------------------------------------------------------------

freshet_host PluginHost::table_for(Plugin& plugin) {
  freshet_host out{};
  out.size = sizeof(out);
  out.abi = FRESHET_ABI_VERSION;
  out.ctx = &plugin;
  out.log = [](void* ctx, freshet_level level, freshet_str message) {
    auto& self = *static_cast<Plugin*>(ctx);
    self.host->log_.write(known_level(level), self.id, {message.data, message.size});
  };
  out.setting = [](void* ctx, const char* key, freshet_value* value) -> freshet_status {
    auto& self = *static_cast<Plugin*>(ctx);
    const freshet_value* found = self.settings.find(key);
    if (found == nullptr && !self.declares(key)) {
      self.host->log_.error(self.id, std::string("asks for a setting it does not declare: ") + key);
    }
    if (found == nullptr) return FRESHET_NOT_FOUND;
    // An older plugin knows a shorter struct: it gets as much as it has room for.
    const uint32_t size = value->size;
    std::memcpy(value, found, std::min<size_t>(size, sizeof(*found)));
    value->size = size;
    return FRESHET_OK;
  };
  out.service = [](void* ctx, const char* id) { return static_cast<Plugin*>(ctx)->host->find(id); };
  out.metric = [](void* ctx, freshet_metric_kind kind, const char* name, const char* help) {
    return static_cast<Plugin*>(ctx)->host->metrics_.get(kind, name, help);
  };
  out.metric_add = [](freshet_metric* metric, int64_t by) { metric->add(by); };
  out.metric_set = [](freshet_metric* metric, int64_t value) { metric->set(value); };
  return out;
}

freshet_host PluginHost::table_to_judge_with(Plugin& plugin) {
  freshet_host out = table_for(plugin);
  out.service = [](void*, const char*) -> const void* { return nullptr; };
  out.metric = [](void*, freshet_metric_kind, const char*, const char*) -> freshet_metric* {
    return nullptr;
  };
  return out;
}

}  // namespace freshet
