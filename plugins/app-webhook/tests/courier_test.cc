// The whole plugin against a backend that is slow, rude, gone and back again.
#include "app-webhook/courier.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app-webhook/signature.h"
#include "app-webhook/webhook_app.h"
#include "fake_outbox.h"
#include "freshet/testing.h"
#include "test_backend.h"

namespace freshet::webhook {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Answer = TestBackend::Answer;
using Request = TestBackend::Request;

template <class F>
bool eventually(F f) {
  for (int i = 0; i < 2000; ++i) {
    if (f()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

class Webhook : public ::testing::Test {
 protected:
  Webhook() : host(kSettings) {
    host.offer(FRESHET_OUTBOX_ID, outbox.table());
    host.set("url", backend.url());
    host.set("secret", "whsec");
    host.set("retry_ms", int64_t{20});
    host.set("retry_max_ms", int64_t{100});
    host.set("timeout_ms", int64_t{2000});
    host.set("states", std::vector<std::string>{});
  }

  void start() {
    auto made = WebhookApp::create(host.host());
    ASSERT_TRUE(made) << host.log();
    app = *std::move(made);
    outbox.tell();
  }

  // The n-th event of a room.
  Status tell(const std::string& room, int n) {
    freshet_notice notice{};
    notice.size = sizeof(notice);
    notice.kind = FRESHET_ROOM_MESSAGE;
    notice.message = FRESHET_MESSAGE_EVENT;
    notice.room = to_c(room);
    notice.unix_ms = static_cast<uint64_t>(::time(nullptr)) * 1000;
    const std::string data = std::to_string(n);
    notice.data = to_c(as_bytes(data));
    return app->notice(notice);
  }

  static std::string room_of(const Request& request) { return Json::parse(request.body)["room"]; }
  static int number_of(const Request& request) {
    return Json::parse(request.body)["data"]["value"];
  }

  // The numbers that came, by room, in order of coming.
  std::map<std::string, std::vector<int>> came() const {
    std::map<std::string, std::vector<int>> out;
    for (const Request& request : backend.requests()) {
      out[room_of(request)].push_back(number_of(request));
    }
    return out;
  }
  // The same, with an event that was sent again only counted once.
  std::map<std::string, std::vector<int>> heard() const {
    auto out = came();
    for (auto& [room, numbers] : out) {
      numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    }
    return out;
  }
  static std::vector<int> first(int count) {
    std::vector<int> out;
    for (int n = 1; n <= count; ++n) out.push_back(n);
    return out;
  }
  bool all_gone() const {
    return eventually([&] { return outbox.entries(false).empty(); });
  }

  TestBackend backend;
  FakeOutbox outbox;
  testing::FakeHost host;
  std::unique_ptr<WebhookApp> app;
};

TEST_F(Webhook, TellsTheBackendInOrderAndSignsIt) {
  start();
  for (int n = 1; n <= 5; ++n) ASSERT_EQ(tell("r", n), Status::ok);
  ASSERT_TRUE(backend.wait_for(5));
  EXPECT_EQ(came()["r"], first(5));
  ASSERT_TRUE(all_gone());
  for (const Request& request : backend.requests()) {
    const std::string header = request.headers.at("x-freshet-signature");
    const size_t comma = header.find(',');
    const std::string time = header.substr(2, comma - 2);
    EXPECT_EQ(header.substr(comma), ",v1=" + hmac_sha256("whsec", time + "." + request.body));
    EXPECT_NEAR(std::stod(time), static_cast<double>(::time(nullptr)), 60);
    EXPECT_EQ(request.headers.at("content-type"), "application/json");
  }
  ASSERT_TRUE(eventually([&] { return host.metric("freshet_webhook_waiting") == 0; }));
  EXPECT_EQ(host.metric("freshet_webhook_delivered_total"), 5);
  EXPECT_EQ(host.metric("freshet_webhook_failed_total"), 0);
}

TEST_F(Webhook, MissesNothingAndKeepsEveryRoomsOrderWhileTheBackendIsDown) {
  constexpr int kRooms = 30, kEvents = 20;
  start();
  for (int n = 1; n <= kEvents; ++n) {
    if (n == 5) backend.go_down();
    for (int r = 0; r < kRooms; ++r) ASSERT_EQ(tell("room " + std::to_string(r), n), Status::ok);
  }
  ASSERT_TRUE(eventually([&] { return host.metric("freshet_webhook_failed_total") > 8; }));
  ASSERT_TRUE(host.logged("the backend does not take events: ")) << host.log();
  EXPECT_GT(host.metric("freshet_webhook_waiting"), kRooms);
  EXPECT_GT(host.metric("freshet_webhook_oldest_seconds"), 0);
  backend.go_up();
  ASSERT_TRUE(all_gone());
  const auto heard_of = heard();
  EXPECT_EQ(heard_of.size(), size_t{kRooms});
  for (const auto& [room, numbers] : heard_of) EXPECT_EQ(numbers, first(kEvents)) << room;
  EXPECT_EQ(host.metric("freshet_webhook_delivered_total"), kRooms * kEvents);
  EXPECT_TRUE(host.logged("the backend is there again")) << host.log();
}

TEST_F(Webhook, AsksABackendThatIsGoneNowAndThenWhateverTheNumberOfRooms) {
  backend.answer_with([](const Request&) { return Answer{.status = 503}; });
  start();
  for (int r = 0; r < 200; ++r) ASSERT_EQ(tell("room " + std::to_string(r), 1), Status::ok);
  ASSERT_TRUE(backend.wait_for(kFailuresUntilProbing));
  std::this_thread::sleep_for(200ms);  // pauses have reached their longest
  const size_t before = backend.count();
  std::this_thread::sleep_for(1s);
  // One at a time, 50 to 100 ms apart.
  EXPECT_LE(backend.count() - before, 25u);
  EXPECT_GE(backend.count() - before, 3u);
  backend.answer_with([](const Request&) { return Answer{}; });
  EXPECT_TRUE(all_gone());
}

TEST_F(Webhook, SendsAgainWhatWasAnsweredBadlyOrLate) {
  host.set("timeout_ms", int64_t{200});
  std::atomic<int> turn{0};
  backend.answer_with([&](const Request&) -> Answer {
    switch (turn++) {
      case 0: return {.status = 500};
      case 1: return {.after_ms = 500};
      case 2: return {.raw = "this is no HTTP\r\n\r\n"};
      case 3: return {.raw = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut short"};
      case 4: return {.status = 429};
      default: return {};
    }
  });
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  ASSERT_EQ(tell("r", 2), Status::ok);
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(came()["r"], (std::vector<int>{1, 1, 1, 1, 1, 1, 2}));
  EXPECT_EQ(host.metric("freshet_webhook_failed_total"), 5);
}

TEST_F(Webhook, SetsAsideWhatIsRefusedAndGoesOnWithTheRoom) {
  backend.answer_with([](const Request& request) -> Answer {
    return {.status = number_of(request) == 2 ? 422 : 200, .body = "no such thing"};
  });
  start();
  for (int n = 1; n <= 3; ++n) ASSERT_EQ(tell("r", n), Status::ok);
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(came()["r"], (std::vector<int>{1, 2, 2, 2, 3}));
  const auto dead = outbox.entries(true);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].reason, "it answered 422: no such thing");
  EXPECT_TRUE(host.logged("of room \"r\" is given up: it answered 422")) << host.log();
  EXPECT_EQ(host.metric("freshet_webhook_dead_total"), 1);
}

TEST_F(Webhook, DeliversDeadLettersThatAnOperatorRevives) {
  std::atomic<bool> mended{false};
  backend.answer_with([&](const Request&) -> Answer { return {.status = mended ? 200 : 400}; });
  start();
  for (int n = 1; n <= 3; ++n) ASSERT_EQ(tell("r", n), Status::ok);
  ASSERT_TRUE(eventually([&] { return outbox.entries(true).size() == 3; }));
  mended = true;
  const size_t before = backend.count();
  outbox.revive_all();
  outbox.tell();
  ASSERT_TRUE(backend.wait_for(before + 3));
  ASSERT_TRUE(all_gone());
  std::vector<int> again = came()["r"];
  again.erase(again.begin(), again.begin() + static_cast<std::ptrdiff_t>(before));
  EXPECT_EQ(again, first(3));
}

TEST_F(Webhook, GivesUpWhatHasBecomeTooOld) {
  host.set("give_up_ms", int64_t{60'000});
  const auto now = static_cast<uint64_t>(::time(nullptr)) * 1000;
  outbox.put("r", R"({"room":"r","data":{"value":1}})", now - 61'000);
  outbox.put("r", R"({"room":"r","data":{"value":2}})", now);
  backend.answer_with([](const Request& request) -> Answer {
    return {.status = number_of(request) == 1 ? 500 : 200, .body = ""};
  });
  start();
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(came()["r"], first(2));
  ASSERT_EQ(outbox.entries(true).size(), 1u);
  EXPECT_EQ(outbox.entries(true)[0].reason, "it answered 500");
}

TEST_F(Webhook, SendsRoomsSideBySideWithinItsBoundAndEachRoomOneByOne) {
  host.set("parallel", int64_t{3});
  backend.answer_with([&](const Request&) -> Answer { return {.after_ms = 20}; });
  start();
  for (int n = 1; n <= 4; ++n) {
    for (const char* room : {"a", "b", "c", "d", "e", "f"}) ASSERT_EQ(tell(room, n), Status::ok);
  }
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(backend.most_at_once(), 3u);
  for (const auto& [room, numbers] : came()) EXPECT_EQ(numbers, first(4)) << room;
}

TEST_F(Webhook, GoesOnAfterARestartWhereItWas) {
  backend.go_down();
  start();
  for (int n = 1; n <= 10; ++n) ASSERT_EQ(tell("r", n), Status::ok);
  app.reset();
  backend.go_up();
  start();
  ASSERT_EQ(tell("r", 11), Status::ok);
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(came()["r"], first(11));
}

TEST_F(Webhook, GoesThroughMoreThanOnePageOfTheOutbox) {
  const int count = 2 * kListEntries + 50;
  for (int n = 1; n <= count; ++n) {
    outbox.put("room " + std::to_string(n % 40),
               R"({"room":"r","data":{"value":)" + std::to_string(n) + "}}", 0);
  }
  start();
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(backend.count(), static_cast<size_t>(count));
}

TEST_F(Webhook, DoesNotSendTheNextBeforeTheStoreHasForgottenTheLast) {
  std::atomic<bool> held{false};
  backend.answer_with([&](const Request&) -> Answer {
    if (!held.exchange(true)) outbox.fail_with(Status::retry);
    return {};
  });
  start();
  outbox.put("r", R"({"room":"r","data":{"value":1}})", 0);
  outbox.put("r", R"({"room":"r","data":{"value":2}})", 0);
  outbox.tell();
  ASSERT_TRUE(backend.wait_for(1));
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(backend.count(), 1u);
  outbox.fail_with(Status::ok);
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(came()["r"], first(2));
}

TEST_F(Webhook, FollowsNoRedirect) {
  TestBackend elsewhere;
  backend.answer_with([&](const Request&) -> Answer {
    return {.status = 307, .headers = "Location: " + elsewhere.url() + "\r\n"};
  });
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  ASSERT_TRUE(eventually([&] { return outbox.entries(true).size() == 1; }));
  EXPECT_EQ(elsewhere.count(), 0u);
}

TEST_F(Webhook, ReadsNoMoreOfAnAnswerThanItNeeds) {
  backend.answer_with(
      [](const Request&) -> Answer { return {.body = std::string(5'000'000, 'x')}; });
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(backend.count(), 1u);
}

TEST_F(Webhook, SaysSoWhenAnEventIsLostBecauseTheStoreFails) {
  host.set("store_wait_ms", int64_t{0});
  start();
  outbox.fail_with(Status::retry);
  EXPECT_EQ(tell("r", 1), Status::retry);
  EXPECT_EQ(host.metric("freshet_webhook_lost_total"), 1);
  EXPECT_TRUE(host.logged("an event is lost: the outbox does not take it (retry)")) << host.log();
}

TEST_F(Webhook, WaitsForAStoreThatFailsForAMoment) {
  start();
  outbox.fail_with(Status::retry);
  std::thread heals([&] {
    std::this_thread::sleep_for(200ms);
    outbox.fail_with(Status::ok);
  });
  EXPECT_EQ(tell("r", 1), Status::ok);
  heals.join();
  EXPECT_TRUE(all_gone());
}

// ---- first states

class Initial : public Webhook {
 protected:
  // What the backend gives for the room.
  Status ask(const std::string& room) {
    testing::Answer answer;
    const Status status = app->initial_storage(room, Reply(answer.reply()));
    state = answer.items().empty() ? "" : answer.items().front().text();
    return status;
  }

  std::string state;
};

TEST_F(Initial, IsWhatTheBackendAnswers) {
  backend.answer_with([](const Request& request) -> Answer {
    const Json json = Json::parse(request.body);
    if (json["event"] != "initial-storage") return {};
    return {.body = json["room"] == "new" ? R"({"storage":null})" : R"({"storage":"YWJjZA=="})"};
  });
  start();
  EXPECT_EQ(ask("r"), Status::ok);
  EXPECT_EQ(state, "abcd");
  EXPECT_EQ(ask("new"), Status::not_found);
}

TEST_F(Initial, FailsWhenTheBackendDoes) {
  host.set("initial_timeout_ms", int64_t{300});
  backend.answer_with([](const Request&) -> Answer { return {.status = 500}; });
  start();
  EXPECT_EQ(ask("r"), Status::retry);
  backend.answer_with([](const Request&) -> Answer { return {.body = "garbage"}; });
  EXPECT_EQ(ask("r"), Status::malformed);
  backend.answer_with([](const Request&) -> Answer { return {.after_ms = 1000}; });
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(ask("r"), Status::retry);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 900ms);
  backend.go_down();
  EXPECT_EQ(ask("r"), Status::retry);
  EXPECT_EQ(host.metric("freshet_webhook_initial_failed_total"), 4);
}

TEST_F(Initial, WaitsUntilTheBackendKnowsWhatWasToldOfTheRoom) {
  std::atomic<int> refusals{3};
  backend.answer_with([&](const Request& request) -> Answer {
    if (Json::parse(request.body)["event"] == "initial-storage") {
      return {.body = R"({"storage":null})"};
    }
    return {.status = refusals-- > 0 ? 503 : 200};
  });
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  EXPECT_EQ(ask("r"), Status::not_found);
  const auto requests = backend.requests();
  ASSERT_EQ(requests.size(), 5u);
  EXPECT_EQ(Json::parse(requests[4].body)["event"], "initial-storage");
}

TEST_F(Initial, FailsRatherThanBeAheadOfWhatWaits) {
  host.set("initial_timeout_ms", int64_t{200});
  backend.answer_with([](const Request& request) -> Answer {
    return {.status = Json::parse(request.body)["event"] == "initial-storage" ? 404 : 503};
  });
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  EXPECT_EQ(ask("r"), Status::retry);
  EXPECT_EQ(ask("another"), Status::not_found);
}

TEST_F(Initial, WaitsForTheServerToTellWhatIsLeftOfBefore) {
  host.set("initial_timeout_ms", int64_t{200});
  auto made = WebhookApp::create(host.host());
  ASSERT_TRUE(made);
  app = *std::move(made);
  EXPECT_EQ(ask("r"), Status::retry);  // what the outbox has is not known yet
  EXPECT_EQ(backend.count(), 0u);
  outbox.tell();
  backend.answer_with([](const Request&) -> Answer { return {.status = 404}; });
  EXPECT_EQ(ask("r"), Status::not_found);
}

}  // namespace
}  // namespace freshet::webhook
