// An app that counts what it is asked to, and keeps the count beside the room.
#include <nlohmann/json.hpp>

#include "freshet/plugin.h"
#include "freshet/room_storage.h"

namespace freshet {
namespace {

using Json = nlohmann::json;

constexpr const char* kCount = R"({"type": "object", "required": ["count"],
    "properties": {"count": {"type": "integer"}}})";
constexpr const char* kSize = R"({"type": "object", "required": ["bytes"],
    "properties": {"bytes": {"type": "integer"}}})";

class Counting final : public App {
 public:
  static constexpr About kAbout{
      .id = "counting", .version = "1.0.0", .summary = "Counts in each room, for tests."};
  static Result<std::unique_ptr<Counting>> create(Host host) {
    return std::make_unique<Counting>(host.service<freshet_room_storage>(FRESHET_ROOM_STORAGE_ID));
  }

  explicit Counting(const freshet_room_storage* table)
      : count_(table, "counting"), large_(table, "counting/large") {
    router_.add("count").output("counted", kCount).self([this](const Call& call, Events& events) {
      FRESHET_TRY(const int64_t count, one_more(call.room()));
      return events.send("counted", Json{{"count", count}}.dump());
    });
    router_.add("keep")
        .input(kSize)
        .output("kept", R"({"type": "object"})")
        .self([this](const Call& call, Events& events) { return keep(call, events); });
  }

  AppWants wants() override { return {}; }
  const Router* router() const override { return &router_; }

 private:
  // Others may count at once, here and at other nodes: whoever comes too late begins again.
  Result<int64_t> one_more(std::string_view room) {
    while (true) {
      const auto before = count_.read(room);
      if (!before && before.status() != Status::not_found) return before.status();
      const int64_t count = 1 + (before ? std::stoll(std::string(as_text(before->bytes))) : 0);
      const auto done =
          count_.replace(room, before ? before->version : 0, as_bytes(std::to_string(count)));
      if (done) return count;
      if (done.status() != Status::conflict) return done.status();
    }
  }

  Status keep(const Call& call, const Events& events) {
    const size_t bytes = Json::parse(call.input()).at("bytes");
    const auto done = large_.write(call.room(), as_bytes(std::string(bytes, 'x')));
    return events.send("kept", Json{{"status", name_of(done.status())}}.dump());
  }

  const RoomStorage count_, large_;
  Router router_;
};

}  // namespace
}  // namespace freshet

FRESHET_PLUGIN(freshet::Counting)
