// What the page and the way in answer, asked through the C table, as a server asks.
#include <freshet/http.h>
#include <freshet/testing/created_plugin.h>
#include <freshet/testing/fake_request.h>
#include <freshet/testing/fake_server.h>
#include <gtest/gtest.h>

// Of the plugin, with which this program is linked.
extern "C" const freshet_plugin* freshet_plugin_entry(void);

namespace freshet::testing {
namespace {

using Lines = std::vector<std::string>;

const FakeRequest::Headers kKey = {{"Authorization", "Bearer a-key-of-programs"}};

class MyHttp : public ::testing::Test {
 protected:
  // The status, and the body in body_.
  uint64_t ask(const std::string& method, const std::string& target,
               const FakeRequest::Headers& headers = {}, const std::string& body = {}) {
    const auto* http = plugin_.service<freshet_http>(FRESHET_HTTP_ID);
    const FakeRequest request(target, headers, method, body);
    Answer answer;
    http->answer(http->self, &request.c(), answer.reply());
    EXPECT_EQ(answer.wait(), Status::ok);
    body_.clear();
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_HTTP_BODY) body_ += item.text();
    }
    const Answer::Item* status = answer.find(FRESHET_HTTP_STATUS);
    return status == nullptr ? 200 : status->number;
  }

  FakeServer server_;
  const CreatedPlugin plugin_{*freshet_plugin_entry(), [this](FakeHost& host) {
                                host.offer(FRESHET_SERVER_ID, server_.table());
                                host.set("key", "a-key-of-programs");
                              }};
  std::string body_;
};

TEST_F(MyHttp, HasAPage) {
  EXPECT_EQ(ask("GET", "/my-http"), 200u);
  EXPECT_TRUE(body_.starts_with("<!doctype html>")) << body_;
  EXPECT_EQ(ask("POST", "/my-http"), 405u);
  EXPECT_EQ(ask("GET", "/my-http/hall"), 405u);
}

TEST_F(MyHttp, AnnouncesToARoomForWhoHasTheKey) {
  EXPECT_EQ(ask("POST", "/my-http/hall%201?x=y", kKey, R"({"at":"noon"})"), 202u);
  EXPECT_EQ(server_.take(), Lines{R"(broadcast hall 1 announced {"at":"noon"})"});
}

TEST_F(MyHttp, AnnouncesForNobodyElse) {
  EXPECT_EQ(ask("POST", "/my-http/hall", {}, "1"), 401u);
  EXPECT_EQ(ask("POST", "/my-http/hall", {{"Authorization", "Bearer a-key-of-programt"}}, "1"),
            401u);
  EXPECT_EQ(ask("POST", "/my-http/hall", {{"Authorization", "Bearer "}}, "1"), 401u);
  EXPECT_EQ(server_.take(), Lines{});
}

TEST_F(MyHttp, SaysWhatTheServerSaysOfIt) {
  server_.fail_with(Status::malformed);
  EXPECT_EQ(ask("POST", "/my-http/hall", kKey, "no JSON"), 400u);
  server_.fail_with(Status::not_found);
  EXPECT_EQ(ask("POST", "/my-http/%00", kKey, "1"), 404u);
  server_.fail_with(Status::retry);
  EXPECT_EQ(ask("POST", "/my-http/hall", kKey, "1"), 503u);
}

TEST(MyHttpSettings, RefuseAKeyThatIsTooShort) {
  const CreatedPlugin plugin(*freshet_plugin_entry(),
                             [](FakeHost& host) { host.set("key", "short"); });
  EXPECT_EQ(plugin.status(), Status::malformed);
  EXPECT_EQ(plugin.faults(), "key: is shorter than 16 bytes\n");
}

}  // namespace
}  // namespace freshet::testing
