// What the chat answers and says, called through the C table, as a server calls it.
#include <freshet/app.h>
#include <freshet/testing/created_plugin.h>
#include <freshet/testing/fake_server.h>
#include <gtest/gtest.h>

// Of the plugin, with which this program is linked.
extern "C" const freshet_plugin* freshet_plugin_entry(void);

namespace freshet::testing {
namespace {

using Lines = std::vector<std::string>;

class MyApp : public ::testing::Test {
 protected:
  // What comes of a call: "EVENT to all: JSON", or "EVENT to caller: JSON".
  Lines call(std::string_view procedure, std::string_view input,
             std::string_view user = R"({"id":"ann"})") {
    freshet_call called{};
    called.size = sizeof(called);
    called.procedure = to_c(procedure);
    called.room = to_c("hall");
    called.user = to_c(user);
    called.input = to_c(as_bytes(input));
    Answer answer;
    app_->call(app_->self, &called, answer.reply());
    status_ = answer.wait();
    Lines lines;
    std::string event;
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_CALL_EVENT) event = item.text();
      if (item.kind == FRESHET_CALL_BROADCAST) lines.push_back(event + " to all: " + item.text());
      if (item.kind == FRESHET_CALL_SELF) lines.push_back(event + " to caller: " + item.text());
    }
    return lines;
  }

  Status tell(uint32_t kind, std::string_view user) {
    freshet_notice notice{};
    notice.size = sizeof(notice);
    notice.kind = kind;
    notice.room = to_c("hall");
    notice.user = user.empty() ? freshet_str{nullptr, 0} : to_c(user);
    Answer answer;
    app_->notice(app_->self, &notice, answer.reply());
    return answer.wait();
  }

  FakeServer server_;
  const CreatedPlugin plugin_{*freshet_plugin_entry(), [this](FakeHost& host) {
                                host.offer(FRESHET_SERVER_ID, server_.table());
                                host.set("kept", int64_t{2});
                              }};
  const freshet_app* app_ = plugin_.service<freshet_app>(FRESHET_APP_ID);
  Status status_ = Status::internal;
};

TEST_F(MyApp, TellsEverybodyWhatSomebodySays) {
  EXPECT_EQ(call("say", R"({"text":"hello"})"),
            Lines{R"(said to all: {"text":"hello","by":{"id":"ann"}})"});
  EXPECT_EQ(call("say", R"({"text":"hi"} )", ""), Lines{R"(said to all: {"text":"hi","by":null})"});
  EXPECT_EQ(status_, Status::ok);
}

TEST_F(MyApp, RecallsTheLastOfThem) {
  EXPECT_EQ(call("recall", "{}"), Lines{"recalled to caller: []"});
  for (const char* text : {R"({"text":"1"})", R"({"text":"2"})", R"({"text":"3"})"})
    call("say", text, "");
  const Lines both{R"(recalled to caller: [{"text":"2","by":null},{"text":"3","by":null}])"};
  EXPECT_EQ(call("recall", "{}"), both);
  EXPECT_EQ(tell(FRESHET_ROOM_DELETED, ""), Status::ok);
  EXPECT_EQ(call("recall", "{}"), Lines{"recalled to caller: []"});
}

TEST_F(MyApp, GreetsWhoComesUnderAName) {
  EXPECT_EQ(tell(FRESHET_USER_CONNECTED, R"({"id":"bob"})"), Status::ok);
  EXPECT_EQ(tell(FRESHET_USER_CONNECTED, ""), Status::ok);
  EXPECT_EQ(server_.take(), Lines{R"(broadcast hall came {"id":"bob"})"});
}

TEST_F(MyApp, KnowsNoOtherProcedure) {
  EXPECT_EQ(call("sing", "{}"), Lines{});
  EXPECT_EQ(status_, Status::not_found);
}

TEST_F(MyApp, SaysWhatItHas) {
  Lines procedures;
  const ItemSink sink([&](Bytes item) {
    procedures.emplace_back(as_text(item));
    return Status::ok;
  });
  ASSERT_EQ(app_->procedures(app_->self, sink.c()), FRESHET_OK);
  ASSERT_EQ(procedures.size(), 2u);
  for (const std::string& each : procedures) {
    EXPECT_TRUE(is_json(each, 100)) << each;
    EXPECT_TRUE(each.starts_with(R"({"name":"recall")") || each.starts_with(R"({"name":"say")"))
        << each;
  }
}

}  // namespace
}  // namespace freshet::testing
