// An app: what it is told, and what it answers for.
#include <nlohmann/json.hpp>
#include <thread>

#include "core/check/limits.h"
#include "core/check/tests/opened.h"
#include "freshet/format/utf8.h"
#include "freshet/testing/app_caller.h"

namespace freshet::check {
namespace {

using Parsed = nlohmann::json;

constexpr uint8_t kState[] = {0, 0};
constexpr uint32_t kKinds[] = {FRESHET_USER_CONNECTED, FRESHET_STORAGE_UPDATED,
                               FRESHET_ROOM_MESSAGE, FRESHET_USER_DISCONNECTED,
                               FRESHET_ROOM_DELETED};

class AppPlugin : public PluginTest {
 protected:
  const freshet_app* app() { return plugin().service<freshet_app>(); }
  freshet_app_wants wants() {
    freshet_app_wants out{};
    out.size = sizeof(out);
    app()->wants(app()->self, &out);
    return out;
  }
  static void expect_sense(const testing::AppCaller::Verdict& verdict) {
    EXPECT_TRUE(verdict.status == Status::ok || verdict.status == Status::denied)
        << "it answered " << name_of(verdict.status) << ", and counts as late";
    EXPECT_TRUE(verdict.reason.empty() || verdict.status == Status::denied)
        << "it gives a reason for what it allows";
    EXPECT_TRUE(valid_utf8(as_bytes(verdict.reason))) << "its reason is no text";
  }
  std::vector<Parsed> procedures() {
    std::vector<Parsed> out;
    if (!FRESHET_HAS(app(), procedures)) return out;
    const ItemSink sink([&](Bytes item) {
      out.push_back(Parsed::parse(as_text(item), nullptr, false));
      return Status::ok;
    });
    EXPECT_EQ(Status{app()->procedures(app()->self, sink.c())}, Status::ok);
    return out;
  }

  // What a room's life is told as, in order; each notice when the one before is answered.
  void live(const std::string& room, const freshet_app_wants& wanted, uint64_t session) {
    for (const uint32_t kind : kKinds) {
      if ((wanted.notices & (1u << kind)) == 0) continue;
      const Status status = tell(room, kind, session, (wanted.states & (1u << kind)) != 0);
      EXPECT_TRUE(status == Status::ok || status == Status::retry)
          << "notice " << kind << " was answered " << name_of(status);
    }
  }
  Status tell(const std::string& room, uint32_t kind, uint64_t session, bool state) {
    freshet_notice notice{};
    notice.size = sizeof(notice);
    notice.kind = kind;
    notice.room = to_c(std::string_view(room));
    notice.unix_ms = 1'700'000'000'000 + session;
    notice.session = session;
    notice.user = to_c(std::string_view(R"({"id":"ann"})"));
    if (state) notice.state = to_c(Bytes(kState));
    if (kind == FRESHET_ROOM_MESSAGE) {
      notice.message = FRESHET_MESSAGE_EVENT;
      notice.name = to_c(std::string_view("said"));
      notice.data = to_c(as_bytes(R"({"text":"hello"})"));
    }
    testing::Answer answer;
    app()->notice(app()->self, &notice, answer.reply());
    return answer.wait();
  }

  // `may_come`: a server would let the input through. Of what it would not any answer will do.
  Status call(const std::string& name, const std::string& input, bool may_come) {
    freshet_call call{};
    call.size = sizeof(call);
    call.procedure = to_c(std::string_view(name));
    call.room = to_c(std::string_view("room"));
    call.session = 7;
    call.user = to_c(std::string_view(R"({"id":"ann"})"));
    call.unix_ms = 1'700'000'000'000;
    call.input = to_c(as_bytes(input));
    call.sessions =
        to_c(std::string_view(R"([{"session":7,"user":{"id":"ann"},"presence":null}])"));
    call.state = to_c(Bytes(kState));
    call.json = [](void*, const freshet_sink* out) -> freshet_status {
      return out->write(out->ctx, to_c(as_bytes("{}")));
    };
    testing::Answer answer;
    app()->call(app()->self, &call, answer.reply());
    const Status status = answer.wait();
    bool named = false;
    for (const auto& item : answer.items()) {
      if (status == Status::ok && may_come) {
        EXPECT_EQ(nonsense(item, named), "") << "in the answer of " << name;
      }
    }
    return status;
  }

 private:
  static std::string nonsense(const testing::Answer::Item& item, bool& named) {
    if (item.kind < FRESHET_CALL_EVENT || item.kind > FRESHET_CALL_ERROR) {
      return "an item of kind " + std::to_string(item.kind);
    }
    if (item.kind == FRESHET_CALL_EVENT) {
      named = true;
      return item.bytes.empty() ? "an event without a name" : "";
    }
    const bool sends = item.kind == FRESHET_CALL_BROADCAST || item.kind == FRESHET_CALL_SELF;
    if (sends && !named) return "data of an event that has no name";
    const bool json = sends || item.kind == FRESHET_CALL_EDIT || item.kind == FRESHET_CALL_SHOW;
    if (json && Parsed::parse(item.text(), nullptr, false).is_discarded()) {
      return "what is no JSON: " + item.text().substr(0, 80);
    }
    return {};
  }
};

TEST_F(AppPlugin, WantsWhatThereIs) {
  const freshet_app_wants wanted = wants();
  constexpr uint32_t kAll = (2u << FRESHET_ROOM_DELETED) - 2;
  EXPECT_EQ(wanted.notices & ~kAll, 0u) << "it wants to be told what nobody tells";
  EXPECT_EQ(wanted.states & ~wanted.notices, 0u)
      << "it wants the document with notices that it does not want";
  EXPECT_LE(wanted.initial_storage, 1);
}

TEST_F(AppPlugin, HearsTheLifeOfARoomInOrder) {
  const freshet_app_wants wanted = wants();
  for (uint64_t session = 1; session <= 5; ++session) live("room", wanted, session);
}

TEST_F(AppPlugin, HearsManyRoomsSideBySide) {
  const freshet_app_wants wanted = wants();
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&, i] {
      for (uint64_t session = 1; session <= 10; ++session) {
        live("room " + std::to_string(i), wanted, session);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
}

TEST_F(AppPlugin, AnswersWhenWhatItNeedsIsAway) {
  plugin().core().fail(FRESHET_RETRY);
  const freshet_app_wants wanted = wants();
  for (const uint32_t kind : kKinds) {
    if ((wanted.notices & (1u << kind)) == 0) continue;
    static_cast<void>(tell("room", kind, 1, false));
    break;  // one: it may wait for some seconds, and others do as it does
  }
}

TEST_F(AppPlugin, TellsItsProceduresInGoodJson) {
  std::vector<std::string> names;
  for (const Parsed& each : procedures()) {
    ASSERT_TRUE(each.is_object()) << "a procedure is no JSON object";
    ASSERT_TRUE(each.contains("name") && each["name"].is_string()) << each.dump();
    const std::string name = each["name"];
    EXPECT_EQ(std::ranges::count(names, name), 0) << name << " is there twice";
    names.push_back(name);
    for (const char* schema : {"input", "outputs"}) {
      if (each.contains(schema)) {
        EXPECT_TRUE(each[schema].is_object() || each[schema].is_boolean()) << each.dump();
      }
    }
  }
  if (!names.empty()) {
    EXPECT_TRUE(FRESHET_HAS(app(), call)) << "it has procedures, and no call";
  }
}

TEST_F(AppPlugin, AnswersEveryCallAlsoOfGarbage) {
  if (!FRESHET_HAS(app(), call)) return;
  auto chance = PluginTest::chance();
  const std::vector<Parsed> all = procedures();
  // Those that take anything come first: what others are told here nobody could tell them, and what
  // they make of it may come out of any of them later.
  for (const bool takes_any : {true, false}) {
    for (const Parsed& each : all) {
      if (!each.is_object() || !each.contains("name")) continue;
      if (each.contains("input") == takes_any) continue;
      const std::string name = each["name"];
      for (const char* input : {"{}", "null", "[]", "7", "\"text\"", "{", "", "[[[[[[[[[["}) {
        static_cast<void>(call(name, input, takes_any));
      }
      for (int i = 0; i < 20; ++i) {
        static_cast<void>(call(name, bytes(chance, below(chance, 200)), takes_any));
      }
    }
  }
}

TEST_F(AppPlugin, BeginsRoomsWithAStateOrWithNothing) {
  if (wants().initial_storage == 0) return;
  testing::Answer answer;
  app()->initial_storage(app()->self, to_c(std::string_view("a new room")), answer.reply());
  const Status status = answer.wait();
  if (status != Status::ok) return;
  for (const auto& item : answer.items()) {
    EXPECT_EQ(item.kind, uint32_t{FRESHET_APP_STATE});
    EXPECT_FALSE(item.bytes.empty()) << "a state of no bytes is no update: leave it out";
  }
}

TEST_F(AppPlugin, AnswersWhatItIsAskedBeforeItHappens) {
  const uint32_t vetoes = wants().vetoes;
  if (vetoes == 0) return;
  EXPECT_TRUE((vetoes & FRESHET_VETO_JOIN) == 0 || FRESHET_HAS(app(), before_join))
      << "it wants to be asked before joins, and has no before_join";
  EXPECT_TRUE((vetoes & FRESHET_VETO_EDIT) == 0 || FRESHET_HAS(app(), before_edit))
      << "it wants to be asked before edits, and has no before_edit";
  auto chance = PluginTest::chance();
  for (int i = 0; i < 20 && !HasFailure(); ++i) {
    const std::string update = i == 0 ? std::string("\0\0", 2) : bytes(chance, below(chance, 200));
    const std::string user = i % 2 == 0 ? "" : R"({"id":"ann"})";
    const testing::AppCaller caller(app());
    if ((vetoes & FRESHET_VETO_JOIN) != 0) expect_sense(caller.before_join("room", user));
    if ((vetoes & FRESHET_VETO_EDIT) != 0) expect_sense(caller.before_edit("room", user, update));
  }
}

TEST_F(AppPlugin, SaysSoonWhetherAllIsPassedOn) {
  if (!FRESHET_HAS(app(), settled)) return;
  const auto began = std::chrono::steady_clock::now();
  const int settled = app()->settled(app()->self);
  EXPECT_TRUE(settled == 0 || settled == 1) << settled;
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(500))
      << "settled is asked on a shard, where nothing may block";
}

TEST_F(AppPlugin, AnswersNobodyWhenItIsGone) {
  const freshet_app_wants wanted = wants();
  const auto answer = std::make_unique<testing::Answer>();
  freshet_notice notice{};
  notice.size = sizeof(notice);
  notice.kind = FRESHET_USER_CONNECTED;
  notice.room = to_c(std::string_view("room"));
  if ((wanted.notices & (1u << notice.kind)) != 0) {
    app()->notice(app()->self, &notice, answer->reply());
  }
  end_plugin();
  std::this_thread::sleep_for(kLateAnswer);
  EXPECT_LE(answer->times_done(), 1);
}

}  // namespace
}  // namespace freshet::check
