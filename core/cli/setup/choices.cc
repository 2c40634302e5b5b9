#include "core/cli/setup/choices.h"

#include <string_view>

namespace freshet::cli {
namespace {

// A text in TOML's quotes: what is typed at a shell has neither line ends nor controls.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + in_quotes(text);
  return "[" + out + "]";
}

std::string plugin(std::string_view id, std::string_view comment) {
  std::string use = "use = \"" + std::string(id) + "\"";
  use.resize(std::max<size_t>(use.size() + 1, 32), ' ');
  return "\n[[plugin]]\n" + use + "# " + std::string(comment) + "\n";
}

// An address of TCP is everybody's on the machine.
bool asks_for_key(const Choices& choices) { return !choices.admin.starts_with("unix:"); }

std::string server(const Choices& choices) {
  return "[server]\nlisten = " + list_of({choices.listen}) +
         "  # for clients\nadmin = " + in_quotes(choices.admin) +
         "  # rooms, metrics, health; what `freshet rooms` talks to\n" +
         (asks_for_key(choices) ? "admin_key = \"${FRESHET_ADMIN_KEY}\"  # said by whoever asks "
                                  "there\n"
                                : "");
}

std::string platform(const Choices& choices) {
  std::string out = plugin("platform-ws", "listens, keeps connections, runs the event loops");
  const bool tls = choices.listen.starts_with("tls:");
  if (choices.origins.empty() && choices.proxies.empty() && !tls) {
    return out +
           "# [plugin.settings]\n# origins = [\"https://app.example.com\"]  # whose pages may "
           "connect\n";
  }
  out += "[plugin.settings]\n";
  if (!choices.origins.empty()) {
    out += "origins = " + list_of(choices.origins) +
           "  # whose pages may connect; those of this machine always\n";
  }
  if (!choices.proxies.empty()) {
    out += "trusted_proxies = " + list_of(choices.proxies) +
           "  # believed about the client's address\n";
  }
  if (tls) out += "cert = \"cert.pem\"  # read again on SIGHUP\nkey = \"key.pem\"\n";
  return out;
}

std::string store(const Choices& choices) {
  if (choices.store == "sqlite") {
    return plugin("store-sqlite", "keeps rooms, in one file; `freshet rooms backup` copies it") +
           "[plugin.settings]\npath = " + in_quotes(choices.path) + "\n";
  }
  return plugin("store-postgres", "keeps rooms, for any number of servers (docs/cluster.md)") +
         "[plugin.settings]\nurl = \"${FRESHET_DATABASE_URL}\"\n" +
         plugin("bus-postgres", "lets these servers hear each other") +
         "[plugin.settings]\nurl = \"${FRESHET_DATABASE_URL}\"\n";
}

std::string wires(const Choices& choices) {
  std::string out;
  for (const std::string& wire : choices.wires) {
    if (wire == "yjs") out += plugin("protocol-yjs", "y-websocket clients: ws://HOST/yjs/<room>");
    if (wire == "pluv") out += plugin("protocol-pluv", "pluv clients: ws://HOST/pluv/<room>");
    if (wire == "hocuspocus") {
      out += plugin("protocol-hocuspocus", "Hocuspocus providers: ws://HOST/hocuspocus");
    }
  }
  return out;
}

std::string auth(const Choices& choices) {
  if (choices.auth == "jwt") {
    return plugin("auth-jwt", "who comes brings a token: `freshet token` makes some") +
           "[plugin.settings]\nsecret = \"${FRESHET_AUTH_SECRET}\"  # your backend signs with the "
           "same\n";
  }
  if (choices.auth == "webhook") {
    return plugin("auth-webhook", "asks your backend who comes") +
           "[plugin.settings]\nurl = " + in_quotes(choices.auth_url) +
           "\nsecret = \"${FRESHET_WEBHOOK_SECRET}\"\n";
  }
  return "\n# Nobody is asked who they are: whoever reaches this server may edit any room. "
         "`freshet init "
         "--auth jwt`\n# has clients bring tokens.\n";
}

std::string app(const Choices& choices) {
  if (choices.webhook.empty()) return "";
  return plugin("app-webhook", "tells your backend of rooms, at least once and in order") +
         "[plugin.settings]\nurl = " + in_quotes(choices.webhook) +
         "\nsecret = \"${FRESHET_WEBHOOK_SECRET}\"\n";
}

}  // namespace

std::string manifest_text(const Choices& choices) {
  return "# Written by `freshet init`. `freshet doctor` tries it; docs/operations.md has every "
         "key.\n\n" +
         server(choices) +
         "\n# Every bound has a default; docs/operations.md lists them.\n# [limits]\n" +
         platform(choices) + plugin("crdt-native", "merges edits, in Yjs' formats") +
         store(choices) + auth(choices) + wires(choices) + app(choices) +
         plugin("studio", "a page that looks into the server: `freshet studio` opens it");
}

std::vector<Needed> variables_of(const Choices& choices) {
  std::vector<Needed> out;
  if (choices.auth == "jwt") out.push_back({"FRESHET_AUTH_SECRET", true});
  if (choices.auth == "webhook" || !choices.webhook.empty()) {
    out.push_back({"FRESHET_WEBHOOK_SECRET", true});
  }
  if (asks_for_key(choices)) out.push_back({"FRESHET_ADMIN_KEY", true});
  if (choices.store == "postgres") out.push_back({"FRESHET_DATABASE_URL", false});
  return out;
}

}  // namespace freshet::cli
