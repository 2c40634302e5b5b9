#include "app-webhook/options/options.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace freshet::webhook {
namespace {

// An event of a dialect, and the notice it is made of; 0: it is asked, not told.
struct Event {
  std::string_view name;
  uint32_t notice;
  bool may_have_state;
  bool usual;  // told unless the manifest says otherwise
  bool usual_state;
};

constexpr Event kPluvEvents[] = {
    {"initial-storage", 0, false, true, false},
    {"user-connected", FRESHET_USER_CONNECTED, true, true, true},
    {"user-disconnected", FRESHET_USER_DISCONNECTED, true, true, true},
    {"room-destroyed", FRESHET_ROOM_DELETED, false, true, false},
    {"storage-destroyed", FRESHET_ROOM_DELETED, true, true, true},
};
constexpr Event kFreshetEvents[] = {
    {"initial-storage", 0, false, true, false},
    {"user-connected", FRESHET_USER_CONNECTED, true, true, false},
    {"user-disconnected", FRESHET_USER_DISCONNECTED, true, true, false},
    {"storage-updated", FRESHET_STORAGE_UPDATED, true, true, true},
    {"room-message", FRESHET_ROOM_MESSAGE, true, false, false},
    {"room-deleted", FRESHET_ROOM_DELETED, true, true, true},
};

constexpr Event kHocuspocusEvents[] = {
    {"create", 0, false, false, false},
    {"change", FRESHET_STORAGE_UPDATED, true, true, true},
    {"disconnect", FRESHET_USER_DISCONNECTED, false, false, false},
};

Dialect dialect_of(std::string_view name) {
  if (name == "pluv") return Dialect::pluv;
  return name == "hocuspocus" ? Dialect::hocuspocus : Dialect::freshet;
}

class Reading {
 public:
  Reading(Given given, Faults& faults, Options& out) : given_(given), faults_(faults), out_(out) {}

  void read_backend() {
    out_.url = given_.text("url");
    judge_url();
    read_secret();
    out_.ca_file = given_.text("ca_file");
    out_.proxy = given_.text("proxy");
    out_.timeout_ms = given_.number("timeout_ms");
  }

  void read_all() {
    out_.dialect = dialect_of(given_.text("dialect"));
    read_backend();
    read_events();
    out_.initial_timeout_ms = given_.number("initial_timeout_ms");
    out_.initial_bytes = static_cast<size_t>(given_.number("initial_bytes"));
    out_.initial_total_bytes =
        std::max(out_.initial_bytes, static_cast<size_t>(given_.number("initial_total_bytes")));
    out_.retry_ms = given_.number("retry_ms");
    out_.retry_max_ms = std::max(out_.retry_ms, given_.number("retry_max_ms"));
    out_.refused_attempts = given_.number("refused_attempts");
    out_.give_up_ms = given_.number("give_up_ms");
    out_.parallel = static_cast<size_t>(given_.number("parallel"));
    out_.store_wait_ms = given_.number("store_wait_ms");
    out_.stop_wait_ms = given_.number("stop_wait_ms");
  }

 private:
  static std::string part(CURLU* url, CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return "";
    const std::unique_ptr<char, void (*)(void*)> owned(text, curl_free);
    return text;
  }

  void judge_url() {
    if (const std::string flaw = flaw_of_url(); !flaw.empty()) faults_.add("url", flaw);
  }

  std::string flaw_of_url() const {
    const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), curl_url_cleanup);
    if (curl_url_set(url.get(), CURLUPART_URL, out_.url.c_str(), 0) != CURLUE_OK) {
      return "is none; write it like https://example.org/api/freshet";
    }
    const std::string scheme = part(url.get(), CURLUPART_SCHEME),
                      host = part(url.get(), CURLUPART_HOST);
    if (scheme != "http" && scheme != "https") {
      return "begins with " + scheme + ":, and must with https: or http:";
    }
    if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty()) {
      return "has a name or password in it; the backend knows us by `secret`";
    }
    const bool local =
        host == "localhost" || host == "[::1]" || (host.starts_with("127.") && is_ipv4(host));
    if (scheme == "http" && !local && !given_.flag("allow_http")) {
      return "is plain http to another machine, where everybody between may read it; use https, or "
             "say allow_http = true";
    }
    return "";
  }

  static bool is_ipv4(std::string_view host) {
    return host.find_first_not_of("0123456789.") == std::string_view::npos;
  }

  void read_secret() {
    const bool in_file = given_.has("secret_file");
    if (given_.has("secret") == in_file) {
      return faults_.add("secret", in_file ? "give it or secret_file, not both"
                                           : "is missing; give it, or secret_file");
    }
    out_.secret = given_.text("secret");
    out_.secret_file = given_.text("secret_file");
    if (in_file && out_.secret_file.empty()) faults_.add("secret_file", "names no file");
    if (in_file || !out_.secret.empty()) return;
    faults_.add("secret", "is empty (is the environment variable set?)");
  }

  std::span<const Event> events() const {
    switch (out_.dialect) {
      case Dialect::pluv: return kPluvEvents;
      case Dialect::hocuspocus: return kHocuspocusEvents;
      default: return kFreshetEvents;
    }
  }

  using Named = std::vector<const Event*>;
  static bool has(const Named& list, const Event& event) {
    return std::find(list.begin(), list.end(), &event) != list.end();
  }

  // What a list of the manifest names; without one, nothing.
  std::optional<Named> read_list(const char* key) {
    if (!given_.has(key)) return std::nullopt;
    Named out;
    for (const std::string& name : given_.list(key)) {
      const auto found = std::find_if(events().begin(), events().end(),
                                      [&](const Event& event) { return event.name == name; });
      if (found != events().end()) {
        out.push_back(&*found);
        continue;
      }
      if (out_.dialect == Dialect::hocuspocus && name == "connect") {
        faults_.add(key, "\"connect\" is asked, not told: the plugin auth-webhook does that");
        continue;
      }
      std::string known;
      for (const Event& event : events()) known += " " + std::string(event.name);
      faults_.add(key, "there is no event \"" + name + "\" in this dialect; it has" + known);
    }
    return out;
  }

  void judge_state(const Event& event, bool told) {
    const std::string name = "\"" + std::string(event.name) + "\" ";
    if (!event.may_have_state) {
      faults_.add("states", name + "never has one");
    } else if (!told) {
      faults_.add("states", name + "is not in events");
    }
  }

  void read_events() {
    const auto listed = read_list("events"), with_state = read_list("states");
    for (const Event& event : events()) {
      const bool told = listed ? has(*listed, event) : event.usual;
      const bool stated = with_state && has(*with_state, event);
      if (stated) judge_state(event, told);
      if (!told) continue;
      if (event.notice == 0) out_.initial_storage = true;
      if (event.name == "room-destroyed") out_.room_destroyed = true;
      if (event.name == "storage-destroyed") out_.storage_destroyed = true;
      if (event.notice != 0) out_.notices |= 1u << event.notice;
      if (with_state ? stated : event.usual_state) out_.states |= 1u << event.notice;
    }
    if (given_.has("events") && given_.list("events").empty()) faults_.add("events", "names none");
    // A change is told in the name of who edited last.
    if (out_.dialect == Dialect::hocuspocus && (out_.notices >> FRESHET_STORAGE_UPDATED & 1) != 0) {
      out_.notices |= 1u << FRESHET_ROOM_MESSAGE | 1u << FRESHET_ROOM_DELETED;
    }
  }

  Given given_;
  Faults& faults_;
  Options& out_;
};

}  // namespace

Options read_options(Given given, Faults& faults) {
  Options out;
  Reading(given, faults, out).read_all();
  return out;
}

void read_backend(Given given, Faults& faults, Options& out) {
  Reading(given, faults, out).read_backend();
}

}  // namespace freshet::webhook
