// The four procedures that the recorded sessions of pluv call, as somebody's app would have them.
#include <nlohmann/json.hpp>

#include "freshet/plugin.h"

namespace freshet {
namespace {

using Json = nlohmann::json;

constexpr const char* kMessage = R"({"type": "object", "required": ["message"],
    "properties": {"message": {"type": "string"}}})";
constexpr const char* kValue = R"({"type": "object", "required": ["value"],
    "properties": {"value": {"type": "number"}}})";
constexpr const char* kTag = R"({"type": "object", "required": ["tag"],
    "properties": {"tag": {"type": "string"}}})";
constexpr const char* kNumber = R"({"type": "object", "required": ["n"],
    "properties": {"n": {"type": "integer"}}})";
constexpr const char* kPong = R"({"type": "object", "required": ["tag", "sessions", "direct"],
    "properties": {"tag": {"type": "string"}, "sessions": {"type": "integer"},
                   "direct": {"type": "boolean"}}})";

Status send(const Events& events, std::string_view name, const Json& data) {
  return events.send(name, data.dump());
}

Router chat() {
  Router router;
  router.add("sendMessage")
      .input(kMessage)
      .output("receiveMessage", kMessage)
      .broadcast([](const Call& call, Events& events) {
        return events.send("receiveMessage", call.input());
      });
  return router;
}

Router arithmetic() {
  Router router;
  router.add("doubleNumber")
      .input(kValue)
      .output("doubledNumber", kValue)
      .self([](const Call& call, Events& events) {
        const Json value = Json::parse(call.input()).at("value");
        return send(events, "doubledNumber", {{"value", 2 * value.get<double>()}});
      });
  router.add("multi")
      .input(kNumber)
      .output("multiA", kNumber)
      .output("multiB", kNumber)
      .output("multiSelf", kNumber)
      .broadcast([](const Call& call, Events& events) {
        const int64_t n = Json::parse(call.input()).at("n");
        FRESHET_CHECK(send(events, "multiA", {{"n", n}}));
        return send(events, "multiB", {{"n", n + 1}});
      })
      .self([](const Call& call, Events& events) {
        return send(events, "multiSelf", Json::parse(call.input()));
      });
  return router;
}

Router sessions() {
  Router router;
  router.add("pingSync")
      .input(kTag)
      .output("pongSync", kPong)
      .sync([](const Call& call, Events& events) {
        return send(events, "pongSync",
                    {{"tag", Json::parse(call.input()).at("tag")},
                     {"sessions", Json::parse(call.sessions()).size()},
                     {"direct", true}});
      });
  return router;
}

class Procedures final : public App {
 public:
  static constexpr About kAbout{
      .id = "procedures", .version = "1.0.0", .summary = "Four procedures, for tests."};
  static Result<std::unique_ptr<Procedures>> create(Host) { return std::make_unique<Procedures>(); }

  Procedures() { router_.merge(chat()).merge(arithmetic()).merge(sessions()); }
  AppWants wants() override { return {}; }
  const Router* router() const override { return &router_; }

 private:
  Router router_;
};

}  // namespace
}  // namespace freshet

FRESHET_PLUGIN(freshet::Procedures)
