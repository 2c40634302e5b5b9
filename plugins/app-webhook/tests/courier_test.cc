// What is told, in which order, and what becomes of it where the backend or the store is rude or
// gone.
#include "app-webhook/sending/courier.h"

#include "app-webhook/signing/signature.h"
#include "webhook_fixture.h"

namespace freshet::webhook {
namespace {

TEST_F(Webhook, TellsTheBackendInOrderAndSignsIt) {
  start();
  for (int n = 1; n <= 5; ++n) ASSERT_EQ(tell("r", n), Status::ok);
  ASSERT_TRUE(backend.wait_for(5));
  EXPECT_EQ(came()["r"], first(5));
  ASSERT_TRUE(eventually([&] { return outbox.entries(false).empty(); }));
  for (const Request& request : backend.requests()) {
    const std::string header = request.headers.at("x-freshet-signature");
    const size_t comma = header.find(',');
    const std::string time = header.substr(2, comma - 2);
    EXPECT_EQ(header.substr(comma), ",v1=" + hmac_sha256("whsec", time + "." + request.body));
    EXPECT_EQ(time, std::to_string(clock.unix_ms() / 1000));
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
  ASSERT_TRUE(in_time([&] { return host.metric("freshet_webhook_failed_total") > 8; }));
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
  const auto failed = [&] {
    return static_cast<size_t>(host.metric("freshet_webhook_failed_total"));
  };
  ASSERT_TRUE(
      eventually([&] { return failed() >= kFailuresUntilProbing && failed() == backend.count(); }));
  const size_t before = backend.count();
  // One at a time, none without a pause, and no pause is longer than 100 ms.
  for (int n = 0; n < 40; ++n) {
    const size_t so_far = failed();
    clock.advance(100ms);
    ASSERT_TRUE(eventually([&] { return failed() > so_far; }));
  }
  EXPECT_LE(backend.count() - before, 40u + 2 * kFailuresUntilProbing);
  backend.answer_with([](const Request&) { return Answer{}; });
  EXPECT_TRUE(all_gone());
}

TEST_F(Webhook, SendsAgainWhatWasAnsweredBadly) {
  std::atomic<int> turn{0};
  backend.answer_with([&](const Request&) -> Answer {
    switch (turn++) {
      case 0: return {.status = 500};
      case 1: return {.raw = "this is no HTTP\r\n\r\n"};
      case 2: return {.raw = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut short"};
      case 3: return {.status = 429};
      default: return {};
    }
  });
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  ASSERT_EQ(tell("r", 2), Status::ok);
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(came()["r"], (std::vector<int>{1, 1, 1, 1, 1, 2}));
  EXPECT_EQ(host.metric("freshet_webhook_failed_total"), 4);
}

// By libcurl's own clock, as all that waits for the network.
TEST_F(Webhook, SendsAgainWhatWasNotAnsweredInTime) {
  host.set("timeout_ms", int64_t{50});
  std::atomic<bool> held{false};
  backend.answer_with([&](const Request&) { return Answer{.held = !held.exchange(true)}; });
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  ASSERT_EQ(tell("r", 2), Status::ok);
  ASSERT_TRUE(all_gone());
  EXPECT_GE(came()["r"].size(), 3u);
  EXPECT_EQ(heard()["r"], first(2));
}

// An event of another room comes and goes: by then the courier has sent all that is due.
TEST_F(Webhook, SendsARoomsEventAgainAfterPausesThatGetTwiceAsLongUpToABound) {
  host.set("retry_ms", int64_t{1000});
  host.set("retry_max_ms", int64_t{4000});
  backend.answer_with(
      [](const Request& request) { return Answer{.status = room_of(request) == "r" ? 503 : 200}; });
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  int others = 0;
  const auto sent = [&] {
    const auto delivered = host.metric("freshet_webhook_delivered_total");
    EXPECT_EQ(tell("other", ++others), Status::ok);
    EXPECT_TRUE(
        eventually([&] { return host.metric("freshet_webhook_delivered_total") > delivered; }));
    return outbox.reads_of("r");
  };
  int times = 1;
  for (const auto most : {1000ms, 2000ms, 4000ms, 4000ms}) {
    ASSERT_TRUE(eventually([&] { return host.metric("freshet_webhook_failed_total") == times; }));
    clock.advance(most / 2 - 1ms);
    EXPECT_EQ(sent(), times) << "before " << most.count() / 2 << " ms";
    clock.advance(most / 2 + 1ms);
    EXPECT_EQ(sent(), ++times) << "after " << most.count() << " ms";
  }
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
  ASSERT_TRUE(in_time([&] { return outbox.entries(true).size() == 3; }));
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
  const uint64_t now = clock.unix_ms();
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
  backend.answer_with([&](const Request&) { return Answer{.held = true}; });
  start();
  for (int n = 1; n <= 4; ++n) {
    for (const char* room : {"a", "b", "c", "d", "e", "f"}) ASSERT_EQ(tell(room, n), Status::ok);
  }
  ASSERT_TRUE(eventually([&] { return backend.at_once() == 3; }));
  ASSERT_TRUE(in_time([&] {
    backend.release();
    return outbox.entries(false).empty();
  }));
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
  ASSERT_TRUE(in_time([&] { return outbox.failures() == 3; }));
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
  ASSERT_TRUE(in_time([&] { return outbox.entries(true).size() == 1; }));
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
  EXPECT_TRUE(eventually([&] {
    return host.logged("an event of room \"r\" is lost: the outbox does not take it (retry)");
  })) << host.log();
}

TEST_F(Webhook, WaitsForAStoreThatFailsForAMoment) {
  start();
  outbox.fail_with(Status::retry);
  std::thread heals([&] {
    EXPECT_TRUE(eventually([&] { return clock.sleepers() == 1; }));
    outbox.fail_with(Status::ok);
    clock.advance(std::chrono::milliseconds(kStoreRetryMs));
  });
  EXPECT_EQ(tell("r", 1), Status::ok);
  heals.join();
  EXPECT_EQ(clock.sleeps(), 1);
  EXPECT_TRUE(all_gone());
}

TEST_F(Webhook, LosesWhatIsOfARoomWithItsShareWaitingAtOnceAndSaysSo) {
  start();
  outbox.fail_with(Status::too_large);
  for (int n = 1; n <= 3; ++n) EXPECT_EQ(tell("loud", n), Status::too_large);
  EXPECT_EQ(clock.sleeps(), 0) << "a worker waited for nothing";
  EXPECT_EQ(host.metric("freshet_webhook_lost_total"), 3);
  EXPECT_TRUE(eventually([&] {
    return host.logged("an event of room \"loud\" is lost: the outbox does not take it (as much");
  })) << host.log();
}

// Workers are for first states, too.
TEST_F(Webhook, WaitsForAFullOutboxWithAFewWorkersOnly) {
  start();
  outbox.fail_with(Status::limit);
  std::vector<std::thread> workers;
  std::atomic<int> lost{0}, told{0};
  for (int n = 0; n < kMaxWaitForPlace + 6; ++n) {
    workers.emplace_back([&, n] {
      if (tell("room " + std::to_string(n), 1) == Status::limit) ++lost;
      ++told;
    });
  }
  EXPECT_TRUE(eventually([&] { return lost == 6 && clock.sleepers() == kMaxWaitForPlace; }));
  outbox.fail_with(Status::ok);
  EXPECT_TRUE(in_time([&] { return told == kMaxWaitForPlace + 6; }));
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(lost, 6);
  EXPECT_TRUE(all_gone());
  EXPECT_EQ(host.metric("freshet_webhook_delivered_total"), kMaxWaitForPlace);
}

// ---- documents

class WithDocument : public Webhook {
 protected:
  WithDocument() {
    host.set("events", std::vector<std::string>{"user-connected"});
    host.set("states", std::vector<std::string>{"user-connected"});
    backend.go_down();
  }
  Status come(const std::string& room) {
    freshet_notice notice{};
    notice.size = sizeof(notice);
    notice.kind = FRESHET_USER_CONNECTED;
    notice.room = to_c(room);
    notice.unix_ms = clock.unix_ms();
    notice.user = to_c(std::string_view(R"({"id":"ann"})"));
    return app->notice(notice);
  }
  Json data_of(size_t n) const { return Json::parse(backend.requests().at(n).body).at("data"); }
};

TEST_F(WithDocument, TheOutboxHoldsNoneOfThemAndTheBackendGetsWhatIsThereWhenItIsTold) {
  start();
  server.put("r", std::string(100'000, 'x'));
  for (int n = 0; n < 100; ++n) ASSERT_EQ(come("r"), Status::ok);
  size_t bytes = 0;
  for (const auto& entry : outbox.entries(false)) bytes += entry.body.size();
  EXPECT_LT(bytes, 100u * 300);
  server.put("r", "abcd");
  backend.go_up();
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(backend.count(), 100u);
  // The first may have been under way when the document changed.
  EXPECT_EQ(data_of(99), Json::parse(R"({"session":0,"user":{"id":"ann"},"storage":"YWJjZA=="})"));
}

TEST_F(WithDocument, WaitsForAServerThatCannotSayItNow) {
  start();
  server.put("r", "abcd");
  server.fail_with(Status::retry);
  backend.go_up();
  ASSERT_EQ(come("r"), Status::ok);
  ASSERT_TRUE(in_time([&] { return server.asked() >= 2; }));
  EXPECT_EQ(backend.count(), 0u);
  server.fail_with(Status::ok);
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(data_of(0)["storage"], "YWJjZA==");
}

TEST_F(WithDocument, ADamagedOneIsLeftOut) {
  start();
  server.fail_with(Status::corrupt);
  backend.go_up();
  ASSERT_EQ(come("r"), Status::ok);
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(data_of(0), Json::parse(R"({"session":0,"user":{"id":"ann"}})"));
}

TEST_F(WithDocument, ADamagedOneIsNotCalledEmptyToPluv) {
  host.set("dialect", "pluv");
  start();
  server.fail_with(Status::corrupt);
  backend.go_up();
  ASSERT_EQ(come("r"), Status::ok);
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(backend.count(), 0u);
  ASSERT_EQ(outbox.entries(true).size(), 1u);
  EXPECT_EQ(outbox.entries(true)[0].reason, "its document cannot be read (corrupt)");
}

// Kept by a version that put the document in.
TEST_F(WithDocument, AnEntryFromBeforeGoesAsItIs) {
  start();
  const uint64_t now = clock.unix_ms();  // one of days ago is given up with the first try
  outbox.put("r", R"({"data":{"room":"r","storage":"AAA="},"event":"user-connected"})", now);
  outbox.put("r", "{\"data\":{}}\n{\"storage_at\":900}", now);
  outbox.tell();
  backend.go_up();
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(data_of(0)["storage"], "AAA=");
  EXPECT_EQ(backend.count(), 1u);
  EXPECT_EQ(outbox.entries(true).at(0).reason, "the store cannot read it");
}

}  // namespace
}  // namespace freshet::webhook
