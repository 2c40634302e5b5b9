// Who somebody is, asked of a backend.
#include "app-webhook/asking/webhook_auth.h"

#include <thread>

#include "app-webhook/signing/signature.h"
#include "freshet/testing.h"
#include "test_backend.h"
#include "webhook_fixture.h"

namespace freshet::webhook {
namespace {

class WebhookAuthTest : public ::testing::Test {
 protected:
  WebhookAuthTest() : host(WebhookAuth::kSettings) {
    host.set("url", backend.url());
    host.set("secret", "whsec");
  }

  void SetUp() override {
    request.size = sizeof(request);
    request.target = to_c("/yjs/r1?who=ann&x=a%20b");
    request.headers = headers;
    request.header_count = 3;
    asked.size = sizeof(asked);
    asked.room = to_c("r1");
    asked.request = &request;
    asked.unix_ms = 1'700'000'000'123;
  }

  Status identify() {
    if (auth == nullptr) {
      auto made = make_plugin<WebhookAuth>(host.host());
      EXPECT_TRUE(made) << host.log();
      auth = *std::move(made);
    }
    user = "";
    permission = 99;
    testing::Answer answer;
    const Status status = auth->identify(asked, Reply(answer.reply()));
    if (const auto* item = answer.find(FRESHET_AUTH_USER)) user = item->text();
    if (const auto* item = answer.find(FRESHET_AUTH_PERMISSION)) permission = item->number;
    return status;
  }
  Status identify_if(int status, const std::string& body) {
    backend.answer_with([=](const Request&) -> Answer { return {.status = status, .body = body}; });
    return identify();
  }

  const freshet_header headers[3] = {{to_c("Cookie"), to_c("a=1")},
                                     {to_c("X-Team"), to_c("red")},
                                     {to_c("x-team"), to_c("blue \"two\"")}};
  freshet_request request{};
  freshet_auth_request asked{};
  TestBackend backend;
  testing::FakeHost host;
  std::unique_ptr<WebhookAuth> auth;
  std::string user;
  uint64_t permission = 0;
};

TEST_F(WebhookAuthTest, TheContextThatIsAnsweredIsTheUser) {
  EXPECT_EQ(identify_if(200, R"({"name":"Ann","id":"ann"})"), Status::ok);
  EXPECT_EQ(user, R"({"id":"ann","name":"Ann"})");
  EXPECT_EQ(permission, uint64_t{FRESHET_READ_WRITE});
  const auto question = backend.requests().front();
  EXPECT_EQ(question.body,
            R"({"event":"connect","payload":{"documentName":"r1","requestHeaders":{"cookie":"a=1",)"
            R"("x-team":"red, blue \"two\""},"requestParameters":{"who":"ann","x":"a b"}}})");
  EXPECT_EQ(question.headers.at("x-hocuspocus-signature-256"),
            "sha256=" + hmac_sha256("whsec", question.body));
  EXPECT_EQ(question.headers.at("content-type"), "application/json");
}

TEST_F(WebhookAuthTest, WhoIsLetInWithoutAContextIsNobody) {
  for (const char* body : {"", "ok", "null", "[1]", "7"}) {
    EXPECT_EQ(identify_if(204, body), Status::ok) << body;
    EXPECT_EQ(user, "") << body;
    EXPECT_EQ(permission, uint64_t{FRESHET_READ_WRITE});
  }
}

TEST_F(WebhookAuthTest, AContextMaySayThatItsUserOnlyReads) {
  EXPECT_EQ(identify_if(200, R"({"id":"ann","readOnly":true})"), Status::ok);
  EXPECT_EQ(permission, uint64_t{FRESHET_READ_ONLY});
  EXPECT_EQ(identify_if(200, R"({"id":"ann","readOnly":false})"), Status::ok);
  EXPECT_EQ(permission, uint64_t{FRESHET_READ_WRITE});
}

TEST_F(WebhookAuthTest, ARefusalRefusesAndABackendThatIsIllLetsNobodyIn) {
  EXPECT_EQ(identify_if(401, ""), Status::unauthenticated);
  EXPECT_EQ(identify_if(403, ""), Status::denied);
  EXPECT_EQ(identify_if(404, ""), Status::denied);
  EXPECT_EQ(identify_if(500, ""), Status::retry);
  EXPECT_EQ(identify_if(429, ""), Status::retry);
  EXPECT_EQ(identify_if(200, std::string(kMaxAnswerBytes + 1, 'x')), Status::internal);
  backend.go_down();
  EXPECT_EQ(identify(), Status::retry);
  EXPECT_EQ(host.metric("freshet_auth_refused_total"), 7);
  EXPECT_EQ(user, "");
}

TEST_F(WebhookAuthTest, ABackendThatDoesNotAnswerIsNotWaitedForLongerThanToldTo) {
  host.set("timeout_ms", int64_t{50});
  backend.answer_with([](const Request&) -> Answer { return {.held = true}; });
  EXPECT_EQ(identify(), Status::retry);
}

TEST_F(WebhookAuthTest, ATokenGoesAlongWhenItIsToldTo) {
  asked.token = to_c("secret \"one\"");
  asked.request = nullptr;
  EXPECT_EQ(identify_if(200, ""), Status::ok);
  EXPECT_EQ(backend.requests().back().body,
            R"({"event":"connect","payload":{"documentName":"r1","requestHeaders":{},)"
            R"("requestParameters":{}}})");
  auth = nullptr;
  host.set("with_token", int64_t{1});
  EXPECT_EQ(identify_if(200, ""), Status::ok);
  EXPECT_EQ(Json::parse(backend.requests().back().body)["payload"]["token"], "secret \"one\"");
}

TEST_F(WebhookAuthTest, ManyAreAskedForAtOnce) {
  ASSERT_EQ(identify(), Status::ok);
  backend.answer_with([](const Request&) -> Answer { return {.held = true}; });
  std::vector<std::thread> threads;
  std::atomic<int> let_in{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      testing::Answer answer;
      let_in += auth->identify(asked, Reply(answer.reply())) == Status::ok ? 1 : 0;
    });
  }
  EXPECT_TRUE(eventually([&] { return backend.at_once() == 8; }));
  backend.release();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(let_in, 8);
}

}  // namespace
}  // namespace freshet::webhook
