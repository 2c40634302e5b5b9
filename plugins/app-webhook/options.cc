#include "options.h"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
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

class Reading {
 public:
  explicit Reading(const Host& host) : host_(host) {}

  Result<Options> run() {
    out_.url = host_.text("url");
    out_.dialect = host_.text("dialect") == "pluv" ? Dialect::pluv : Dialect::freshet;
    FRESHET_CHECK(judge_url());
    FRESHET_CHECK(read_secret());
    FRESHET_CHECK(read_events());
    FRESHET_CHECK(read_files());
    out_.proxy = host_.text("proxy");
    out_.timeout_ms = host_.number("timeout_ms");
    out_.initial_timeout_ms = host_.number("initial_timeout_ms");
    out_.initial_bytes = static_cast<size_t>(host_.number("initial_bytes"));
    out_.initial_total_bytes =
        std::max(out_.initial_bytes, static_cast<size_t>(host_.number("initial_total_bytes")));
    out_.retry_ms = host_.number("retry_ms");
    out_.retry_max_ms = std::max(out_.retry_ms, host_.number("retry_max_ms"));
    out_.refused_attempts = host_.number("refused_attempts");
    out_.give_up_ms = host_.number("give_up_ms");
    out_.parallel = static_cast<size_t>(host_.number("parallel"));
    out_.store_wait_ms = host_.number("store_wait_ms");
    out_.stop_wait_ms = host_.number("stop_wait_ms");
    return out_;
  }

 private:
  Status refuse(const std::string& reason) const {
    host_.error(reason);
    return Status::malformed;
  }

  static std::string part(CURLU* url, CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return "";
    const std::unique_ptr<char, void (*)(void*)> owned(text, curl_free);
    return text;
  }

  Status judge_url() const {
    const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), curl_url_cleanup);
    if (curl_url_set(url.get(), CURLUPART_URL, out_.url.c_str(), 0) != CURLUE_OK) {
      return refuse("url: is none; write it like https://example.org/api/freshet");
    }
    const std::string scheme = part(url.get(), CURLUPART_SCHEME),
                      host = part(url.get(), CURLUPART_HOST);
    if (scheme != "http" && scheme != "https") {
      return refuse("url: begins with " + scheme + ":, and must with https: or http:");
    }
    if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty()) {
      return refuse("url: has a name or password in it; the backend knows us by `secret`");
    }
    const bool local =
        host == "localhost" || host == "[::1]" || (host.starts_with("127.") && is_ipv4(host));
    if (scheme == "http" && !local && !host_.flag("allow_http")) {
      return refuse(
          "url: plain http to another machine, where everybody between may read it; "
          "use https, or say allow_http = true");
    }
    return Status::ok;
  }

  static bool is_ipv4(std::string_view host) {
    return host.find_first_not_of("0123456789.") == std::string_view::npos;
  }

  Status read_secret() {
    if (host_.has("secret") == host_.has("secret_file")) {
      return refuse(host_.has("secret") ? "secret: give it or secret_file, not both"
                                        : "secret: is missing; give it, or secret_file");
    }
    out_.secret = host_.text("secret");
    if (host_.has("secret_file")) FRESHET_CHECK(read_secret_file());
    if (out_.secret.empty()) {
      return refuse(host_.has("secret") ? "secret: is empty (is the environment variable set?)"
                                        : "secret_file: is empty");
    }
    return Status::ok;
  }

  Status read_secret_file() {
    const std::string path(host_.text("secret_file"));
    const auto close = [](std::FILE* file) { std::fclose(file); };
    const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rbe"), close);
    if (file == nullptr) return refuse("secret_file: " + path + ": " + std::strerror(errno));
    out_.secret.resize(kMaxSecretFileBytes + 1);
    out_.secret.resize(std::fread(out_.secret.data(), 1, out_.secret.size(), file.get()));
    if (std::ferror(file.get()) != 0 || out_.secret.size() > kMaxSecretFileBytes) {
      return refuse("secret_file: " + path + ": cannot be read, or is longer than " +
                    std::to_string(kMaxSecretFileBytes) + " bytes");
    }
    // Editors end a file with a new line.
    while (out_.secret.ends_with('\n') || out_.secret.ends_with('\r')) out_.secret.pop_back();
    return Status::ok;
  }

  Status read_files() {
    out_.ca_file = host_.text("ca_file");
    if (out_.ca_file.empty()) return Status::ok;
    std::FILE* file = std::fopen(out_.ca_file.c_str(), "rbe");
    if (file == nullptr) return refuse("ca_file: " + out_.ca_file + ": " + std::strerror(errno));
    std::fclose(file);
    std::error_code none;
    const uintmax_t bytes = std::filesystem::file_size(out_.ca_file, none);
    if (!none && bytes > kMaxCaFileBytes) {
      return refuse("ca_file: " + out_.ca_file + ": has " + std::to_string(bytes) +
                    " bytes, more than " + std::to_string(kMaxCaFileBytes));
    }
    return Status::ok;
  }

  std::span<const Event> events() const {
    return out_.dialect == Dialect::pluv ? std::span<const Event>(kPluvEvents)
                                         : std::span<const Event>(kFreshetEvents);
  }

  // What a list of the manifest names; without one, nothing.
  Status read_list(const char* key, std::optional<std::vector<const Event*>>& out) const {
    if (!host_.has(key)) return Status::ok;
    out.emplace();
    for (const std::string& name : host_.list(key)) {
      const auto found = std::find_if(events().begin(), events().end(),
                                      [&](const Event& event) { return event.name == name; });
      if (found != events().end()) {
        out->push_back(&*found);
        continue;
      }
      std::string known;
      for (const Event& event : events()) known += " " + std::string(event.name);
      return refuse(std::string(key) + ": there is no event \"" + name +
                    "\" in this dialect; it has" + known);
    }
    return Status::ok;
  }

  Status read_events() {
    std::optional<std::vector<const Event*>> told, with_state;
    FRESHET_CHECK(read_list("events", told));
    FRESHET_CHECK(read_list("states", with_state));
    const auto has = [](const std::vector<const Event*>& list, const Event& event) {
      return std::find(list.begin(), list.end(), &event) != list.end();
    };
    for (const Event& event : events()) {
      const bool stated = with_state && has(*with_state, event);
      if (stated && !event.may_have_state) {
        return refuse("states: \"" + std::string(event.name) + "\" never has one");
      }
      if (!(told ? has(*told, event) : event.usual)) {
        if (stated) return refuse("states: \"" + std::string(event.name) + "\" is not in events");
        continue;
      }
      if (event.notice == 0) out_.initial_storage = true;
      if (event.name == "room-destroyed") out_.room_destroyed = true;
      if (event.name == "storage-destroyed") out_.storage_destroyed = true;
      if (event.notice != 0) out_.notices |= 1u << event.notice;
      if (with_state ? stated : event.usual_state) out_.states |= 1u << event.notice;
    }
    if (out_.notices == 0 && !out_.initial_storage) return refuse("events: names none");
    return Status::ok;
  }

  const Host& host_;
  Options out_;
};

}  // namespace

Result<Options> read_options(const Host& host) { return Reading(host).run(); }

}  // namespace freshet::webhook
