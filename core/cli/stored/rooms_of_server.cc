// Rooms by way of a running server: HTTP with its admin listener.
#include <nlohmann/json.hpp>

#include "core/cli/stored/admin_client.h"
#include "core/cli/stored/rooms.h"
#include "freshet/format/url.h"

namespace freshet::cli {
namespace {

using Json = nlohmann::json;

class ServerRooms final : public Rooms {
 public:
  explicit ServerRooms(AdminClient client) : client_(std::move(client)) {}

  Result<std::vector<Entry>> list(const std::string& after, uint32_t limit) override {
    FRESHET_TRY(const std::string body,
                ask("GET", "/rooms?limit=" + std::to_string(limit) +
                               (after.empty() ? "" : "&after=" + percent_encode(after))));
    const Json page = Json::parse(body, nullptr, false);
    std::vector<Entry> out;
    if (!page.is_object() || !page.contains("rooms") || !page["rooms"].is_array()) {
      return strange_answer();
    }
    for (const Json& room : page["rooms"]) {
      const bool good = room.is_object() && room.contains("name") && room["name"].is_string() &&
                        room.contains("bytes") && room["bytes"].is_number_unsigned();
      if (!good) return strange_answer();
      out.push_back({room["name"], room["bytes"]});
    }
    return out;
  }

  Result<std::string> show(const std::string& room) override { return ask("GET", path(room)); }
  Result<std::string> update(const std::string& room) override {
    return ask("GET", path(room) + "/update");
  }
  Result<std::string> json(const std::string& room) override {
    return ask("GET", path(room) + "/json");
  }
  Status import(const std::string& room, const std::string& update) override {
    return ask("PUT", path(room) + "/update", update).status();
  }
  Status erase(const std::string& room) override { return ask("DELETE", path(room)).status(); }
  Status backup(const std::string& file) override {
    return ask("POST", "/backup", Json{{"path", file}}.dump()).status();
  }

 private:
  static std::string path(const std::string& room) { return "/rooms/" + percent_encode(room); }

  Result<std::string> ask(std::string_view method, const std::string& target,
                          std::string body = "") {
    return client_.body(method, target, std::move(body));
  }

  AdminClient client_;
};

}  // namespace

std::unique_ptr<Rooms> rooms_of_server(const Manifest::Server& server) {
  auto client = AdminClient::connect(server);
  if (!client) return nullptr;
  return std::make_unique<ServerRooms>(*std::move(client));
}

}  // namespace freshet::cli
