// my-app: a Freshet app: a chat in every room. A client calls "say", everybody there hears "said";
// who calls "recall" hears the last of it again. People are greeted by name when they come.
#include <freshet/plugin.h>
#include <freshet/server.h>

#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace {

using freshet::Status;

constexpr const char* kText =
    R"({"type": "object", "required": ["text"], "additionalProperties": false,
    "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 1000}}})";
constexpr const char* kSaid = R"({"type": "object", "required": ["text", "by"],
    "properties": {"text": {"type": "string"}, "by": {}}})";
constexpr const char* kRecalled = R"({"type": "array"})";

// Called on several workers, for many rooms at once: what they share has a lock.
class MyApp final : public freshet::App {
 public:
  static constexpr freshet_setting kSettings[] = {freshet::setting::integer(
      "kept", "50", 0, 1000, nullptr, "Messages that a room has for those who come later.")};
  static constexpr freshet::About kAbout{.id = "my-app",
                                         .version = "0.1.0",
                                         .summary = "A chat in every room.",
                                         .settings = kSettings};

  static freshet::Result<std::unique_ptr<MyApp>> create(freshet::Host host) {
    const auto* server = host.service<freshet_server>(FRESHET_SERVER_ID);
    if (server == nullptr) {
      host.error("this host offers no " FRESHET_SERVER_ID);
      return Status::unsupported;
    }
    return std::make_unique<MyApp>(server, static_cast<size_t>(host.number("kept")));
  }

  MyApp(const freshet_server* server, size_t kept) : server_(server), kept_(kept) {
    // What a client sends is checked against the schema before the handler sees it.
    router_.add("say")
        .input(kText)
        .output("said", kSaid)
        .broadcast([this](const freshet::Call& call, freshet::Events& events) {
          return say(call, events);
        });
    router_.add("recall")
        .output("recalled", kRecalled)
        .self([this](const freshet::Call& call, freshet::Events& events) {
          return events.send("recalled", recall(std::string(call.room())));
        });
  }

  freshet::AppWants wants() override {
    return {.notices = 1u << FRESHET_USER_CONNECTED | 1u << FRESHET_ROOM_DELETED};
  }

  Status notice(const freshet_notice& notice) override {
    const std::string_view room = freshet::view(notice.room), user = freshet::view(notice.user);
    if (notice.kind == FRESHET_ROOM_DELETED) {
      const std::lock_guard lock(mutex_);
      said_.erase(std::string(room));
      return Status::ok;
    }
    if (user.empty()) return Status::ok;  // anonymous
    return server_.broadcast(room, "came", user);
  }

  const freshet::Router* router() const override { return &router_; }

 private:
  Status say(const freshet::Call& call, const freshet::Events& events) {
    const std::string_view user = call.user();
    // The input is an object with a text, as its schema has it, and so is what it becomes.
    std::string said(call.input().substr(0, call.input().rfind('}')));
    said += R"(,"by":)" + std::string(user.empty() ? "null" : user) + "}";
    {
      const std::lock_guard lock(mutex_);
      auto& room = said_[std::string(call.room())];
      room.push_back(said);
      if (room.size() > kept_) room.pop_front();
    }
    return events.send("said", said);
  }

  std::string recall(const std::string& room) {
    const std::lock_guard lock(mutex_);
    std::string list;
    for (const std::string& said : said_[room]) list += (list.empty() ? "" : ",") + said;
    return "[" + list + "]";
  }

  const freshet::ServerRooms server_;
  const size_t kept_;
  freshet::Router router_;  // not changed once the server has it
  std::mutex mutex_;
  std::map<std::string, std::deque<std::string>> said_;  // of rooms in memory
};

}  // namespace

FRESHET_PLUGIN(MyApp)
