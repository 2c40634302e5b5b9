// Who is let in as whom, asked through the C table, as a server asks.
#include <freshet/auth.h>
#include <freshet/testing/created_plugin.h>
#include <freshet/testing/fake_request.h>
#include <gtest/gtest.h>

// Of the plugin, with which this program is linked.
extern "C" const freshet_plugin* freshet_plugin_entry(void);

namespace freshet::testing {
namespace {

constexpr const char* kSecret = "a-secret-of-people";
constexpr const char* kReaders = "a-secret-of-readers";

class MyAuth : public ::testing::Test {
 protected:
  // "write {...user}", "read", or why not.
  std::string who(const FakeRequest& request) {
    const auto* auth = plugin_.service<freshet_auth>(FRESHET_AUTH_ID);
    Answer answer;
    const freshet_auth_request asked = request.for_room("hall");
    auth->identify(auth->self, &asked, answer.reply());
    if (const Status status = answer.wait(); status != Status::ok) {
      return std::string(name_of(status));
    }
    EXPECT_EQ(answer.times_done(), 1);
    const Answer::Item* permission = answer.find(FRESHET_AUTH_PERMISSION);
    const Answer::Item* user = answer.find(FRESHET_AUTH_USER);
    const Answer::Item* subprotocol = answer.find(FRESHET_AUTH_SUBPROTOCOL);
    subprotocol_ = subprotocol == nullptr ? "" : subprotocol->text();
    const bool writes = permission != nullptr && permission->number == FRESHET_READ_WRITE;
    return std::string(writes ? "write" : "read") + (user == nullptr ? "" : " " + user->text());
  }

  const CreatedPlugin plugin_{*freshet_plugin_entry(), [](FakeHost& host) {
                                host.set("secret", kSecret);
                                host.set("reader_secret", kReaders);
                              }};
  std::string subprotocol_;
};

std::string query(const std::string& secret, const std::string& rest = {}) {
  return "/yjs/hall?token=" + secret + rest;
}

TEST_F(MyAuth, LetsInWhoKnowsTheSecretUnderTheNameTheySay) {
  EXPECT_EQ(who(FakeRequest(query(kSecret, "&name=Ann"))), R"(write {"id":"Ann"})");
  EXPECT_EQ(who(FakeRequest(query(kSecret, "&name=%22Bo%22"))), R"(write {"id":"\"Bo\""})");
  EXPECT_EQ(who(FakeRequest(query(kSecret))), "write");
}

TEST_F(MyAuth, FindsTheSecretInHeadersToo) {
  EXPECT_EQ(who(FakeRequest("/yjs/hall", {{"authorization", std::string("bearer ") + kSecret}})),
            "write");
  const std::string offered = std::string("freshet.token.") + kSecret;
  EXPECT_EQ(who(FakeRequest("/yjs/hall", {{"Sec-WebSocket-Protocol", "yjs, " + offered}})),
            "write");
  EXPECT_EQ(subprotocol_, offered) << "else a browser hangs up";
}

TEST_F(MyAuth, LetsWhoKnowsTheOtherSecretLook) {
  EXPECT_EQ(who(FakeRequest(query(kReaders, "&name=Eve"))), R"(read {"id":"Eve"})");
}

TEST_F(MyAuth, KeepsOthersOutAndNoTokenInTheLog) {
  for (const std::string& target :
       {query("a-secret-of-peoplf"), query("a-secret-of-peopl"), query(""),
        std::string("/yjs/hall"), query("\xff"), query(kSecret, "&name=%ff")}) {
    EXPECT_EQ(who(FakeRequest(target)), "unauthenticated") << target;
  }
  EXPECT_TRUE(plugin_.host().logged("the token is not ours"));
  EXPECT_FALSE(plugin_.host().logged("a-secret"));
}

TEST(MyAuthSettings, RefuseASecretThatIsTooShort) {
  const CreatedPlugin plugin(*freshet_plugin_entry(),
                             [](FakeHost& host) { host.set("secret", "short"); });
  EXPECT_EQ(plugin.status(), Status::malformed);
  EXPECT_EQ(plugin.faults(), "secret: is shorter than 16 bytes\n");
}

}  // namespace
}  // namespace freshet::testing
