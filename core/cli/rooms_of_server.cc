// Rooms by way of a running server: HTTP with its admin listener.
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/cli/admin_client.h"
#include "core/cli/rooms.h"
#include "core/printable.h"
#include "core/target.h"

namespace freshet::cli {
namespace {

using Json = nlohmann::json;

Status status_of(unsigned http) {
  switch (http) {
    case 400: return Status::malformed;
    case 404: return Status::not_found;
    case 409: return Status::conflict;
    case 413: return Status::too_large;
    case 501: return Status::unsupported;
    case 503: return Status::retry;
    default: return http >= 200 && http < 300 ? Status::ok : Status::internal;
  }
}

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
      return strange();
    }
    for (const Json& room : page["rooms"]) {
      const bool good = room.is_object() && room.contains("name") && room["name"].is_string() &&
                        room.contains("bytes") && room["bytes"].is_number_unsigned();
      if (!good) return strange();
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

  static Status strange() {
    std::cerr << "the server's answer is none of a Freshet server\n";
    return Status::internal;
  }

  Result<std::string> ask(std::string_view method, const std::string& target,
                          std::string body = "") {
    FRESHET_TRY(auto response, client_.ask(method, target, std::move(body)));
    const Status status = status_of(response.status);
    if (status == Status::ok) return std::move(response.body);
    if (status == Status::not_found) return status;
    const Json said = Json::parse(response.body, nullptr, false);
    const bool reason = said.is_object() && said.contains("error") && said["error"].is_string();
    std::cerr << "the server refuses (" << response.status
              << "): " << printable(reason ? said["error"].get<std::string>() : response.body)
              << "\n";
    return status;
  }

  AdminClient client_;
};

}  // namespace

std::unique_ptr<Rooms> rooms_of_server(const std::string& admin_address) {
  std::string reason;
  const auto address = parse_address(admin_address, reason);
  if (!address || address->kind == Address::Kind::tls) return nullptr;
  auto client = AdminClient::connect(*address);
  if (!client) return nullptr;
  return std::make_unique<ServerRooms>(*std::move(client));
}

}  // namespace freshet::cli
