// The outbox by way of a running server: HTTP with its admin listener.
#include <nlohmann/json.hpp>

#include "core/cli/stored/admin_client.h"
#include "core/cli/stored/outbox.h"
#include "freshet/format/url.h"

namespace freshet::cli {
namespace {

using Json = nlohmann::json;

// A member that must be a number, or text; 0 and "" for one that is not, and then `good` is false.
uint64_t number(const Json& object, const char* key, bool& good) {
  const auto at = object.find(key);
  if (at != object.end() && at->is_number_unsigned()) return *at;
  good = false;
  return 0;
}
std::string text(const Json& object, const char* key, bool& good) {
  const auto at = object.find(key);
  if (at != object.end() && at->is_string()) return *at;
  good = false;
  return "";
}

class ServerOutboxes final : public Outboxes {
 public:
  explicit ServerOutboxes(AdminClient client) : client_(std::move(client)) {}

  Result<std::vector<Topic>> topics() override {
    FRESHET_TRY(const Json all, array("/outbox", "topics"));
    std::vector<Topic> out;
    bool good = true;
    for (const Json& t : all) {
      out.push_back({text(t, "topic", good), number(t, "waiting", good),
                     number(t, "waiting_bytes", good), number(t, "dead", good),
                     number(t, "dead_bytes", good)});
    }
    if (!good) return strange_answer();
    return out;
  }

  Result<std::vector<Entry>> list(const std::string& topic, Of of, uint64_t after,
                                  uint32_t limit) override {
    FRESHET_TRY(const Json all, array(path(topic) + "?after=" + std::to_string(after) + "&limit=" +
                                          std::to_string(limit) + (of == Of::dead ? "&dead=1" : ""),
                                      "entries"));
    std::vector<Entry> out;
    bool good = true;
    for (const Json& e : all) {
      out.push_back({number(e, "id", good), text(e, "key", good), number(e, "time", good),
                     number(e, "bytes", good), std::nullopt});
      if (of == Of::dead) out.back().reason = text(e, "reason", good);
    }
    if (!good) return strange_answer();
    return out;
  }

  Result<std::string> body(const std::string& topic, uint64_t id) override {
    return client_.body("GET", path(topic) + "/" + std::to_string(id));
  }

  Result<uint64_t> change(const std::string& topic, uint64_t id, Change what) override {
    const std::string query = id == 0 ? "" : "?id=" + std::to_string(id);
    FRESHET_TRY(const std::string said, what == Change::revive
                                            ? client_.body("POST", path(topic) + "/replay" + query)
                                            : client_.body("DELETE", path(topic) + query));
    const Json json = Json::parse(said, nullptr, false);
    bool good = json.is_object();
    const uint64_t count = good ? number(json, "count", good) : 0;
    if (!good) return strange_answer();
    return count;
  }

 private:
  static std::string path(const std::string& topic) { return "/outbox/" + percent_encode(topic); }

  // The array of objects that the answer has under this key.
  Result<Json> array(const std::string& target, const char* key) {
    FRESHET_TRY(const std::string body, client_.body("GET", target));
    Json json = Json::parse(body, nullptr, false);
    if (!json.is_object() || !json.contains(key) || !json[key].is_array()) return strange_answer();
    Json out = std::move(json[key]);
    for (const Json& each : out) {
      if (!each.is_object()) return strange_answer();
    }
    return out;
  }

  AdminClient client_;
};

}  // namespace

std::unique_ptr<Outboxes> outboxes_of_server(const Manifest::Server& server) {
  auto client = AdminClient::connect(server);
  if (!client) return nullptr;
  return std::make_unique<ServerOutboxes>(*std::move(client));
}

}  // namespace freshet::cli
