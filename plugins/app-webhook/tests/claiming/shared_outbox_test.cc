// Two servers on one store: which of them delivers, and what the other knows of it.
#include "../webhook_fixture.h"
#include "app-webhook/limits.h"

namespace freshet::webhook {
namespace {

using std::chrono::milliseconds;

class SharedOutbox : public Webhook {
 protected:
  SharedOutbox() : second_host(kSettings) {
    outbox.share(clock);
    second_host.offer(FRESHET_OUTBOX_ID, outbox.table(1));
    second_host.offer(FRESHET_SERVER_ID, server.table());
    set("url", backend.url());
    set("secret", "whsec");
    set("retry_ms", int64_t{20});
    set("retry_max_ms", int64_t{100});
    set("timeout_ms", int64_t{20'000});
    set("states", std::vector<std::string>{});
  }
  ~SharedOutbox() override { backend.release(); }

  // Of both.
  template <class T>
  void set(const char* key, T value) {
    host.set(key, value);
    second_host.set(key, value);
  }

  // The first delivers, as it was there first.
  void start_both() {
    start();
    ASSERT_TRUE(eventually([&] { return outbox.claims() == 1 && outbox.lists() > 0; }));
    auto made = WebhookApp::create(second_host.host(), *settings_of<WebhookApp>(second_host.host()),
                                   clock.hand());
    ASSERT_TRUE(made) << second_host.log();
    second = *std::move(made);
    outbox.tell(1);
    ASSERT_TRUE(eventually([&] { return outbox.claims() == 2; }));
  }
  Status tell_second(const std::string& room, int n) {
    std::swap(app, second);
    const Status status = tell(room, n);
    std::swap(app, second);
    return status;
  }
  int64_t delivered_by_second() { return second_host.metric("freshet_webhook_delivered_total"); }
  int64_t delivered_by_first() { return host.metric("freshet_webhook_delivered_total"); }

  testing::FakeHost second_host;
  std::unique_ptr<WebhookApp> second;
};

TEST_F(SharedOutbox, IsDeliveredByOneServerInOrderWhoeverAdds) {
  start_both();
  for (int n = 1; n <= 10; ++n) {
    for (const char* room : {"a", "b"}) {
      ASSERT_EQ(n % 2 == 0 ? tell(room, n) : tell_second(room, n), Status::ok);
    }
  }
  ASSERT_TRUE(all_gone());
  for (const auto& [room, numbers] : came()) EXPECT_EQ(numbers, first(10)) << room;
  EXPECT_EQ(backend.count(), 20u);
  EXPECT_EQ(delivered_by_first(), 20);
}

TEST_F(SharedOutbox, HasWhatOthersAddFoundWithinASecond) {
  start_both();
  for (int n = 1; n <= 5; ++n) {
    ASSERT_EQ(tell_second("r", n), Status::ok);
    const uint64_t added_ms = clock.now_ms();
    ASSERT_TRUE(all_gone());
    EXPECT_LE(clock.now_ms() - added_ms, 1000u);
  }
  EXPECT_EQ(came()["r"], first(5));
}

TEST_F(SharedOutbox, IsTakenOverOnceTheClaimOfTheDeadIsOver) {
  backend.answer_with(
      [](const Request& request) { return Answer{.held = room_of(request) == "in flight"}; });
  start_both();
  for (int n = 1; n <= 3; ++n) ASSERT_EQ(tell("r", n), Status::ok);
  ASSERT_TRUE(eventually([&] { return delivered_by_first() == 3; }));
  ASSERT_EQ(tell("in flight", 1), Status::ok);
  ASSERT_TRUE(backend.wait_for(4));
  app.reset();
  backend.answer_with([](const Request&) { return Answer{}; });
  for (int n = 4; n <= 6; ++n) ASSERT_EQ(tell_second("r", n), Status::ok);
  ASSERT_EQ(tell_second("in flight", 2), Status::ok);
  const uint64_t died_ms = clock.now_ms();
  ASSERT_TRUE(all_gone());
  EXPECT_GT(clock.now_ms() - died_ms, kRenewClaimMs) << "it was not claimed";
  EXPECT_LE(clock.now_ms() - died_ms, kClaimMs + kRenewClaimMs);
  EXPECT_EQ(came()["r"], first(6));
  EXPECT_EQ(came()["in flight"], (std::vector<int>{1, 1, 2}));
}

TEST_F(SharedOutbox, IsLetGoAtAnOrderlyStopSoThatAnotherGoesOn) {
  start_both();
  ASSERT_EQ(tell("r", 1), Status::ok);
  ASSERT_TRUE(eventually([&] { return app->settled(); }));
  EXPECT_EQ(came()["r"], first(1));
  ASSERT_EQ(tell_second("r", 2), Status::ok);
  const uint64_t stopped_ms = clock.now_ms();
  ASSERT_TRUE(all_gone());
  EXPECT_LE(clock.now_ms() - stopped_ms, kRenewClaimMs + 100);
  EXPECT_EQ(delivered_by_second(), 1);
  app.reset();
  EXPECT_EQ(came()["r"], first(2));
}

TEST_F(SharedOutbox, IsNotWaitedForAtTheStopOfAServerThatDoesNotDeliver) {
  backend.answer_with([](const Request&) { return Answer{.held = true}; });
  start_both();
  ASSERT_EQ(tell_second("r", 1), Status::ok);
  EXPECT_TRUE(eventually([&] { return second->settled(); }));
  EXPECT_EQ(outbox.entries(false).size(), 1u);
}

// Its claim is over, and it has not heard so: what is on its way comes to its end.
TEST_F(SharedOutbox, IsLeftAloneByAServerThatDoesNotReachTheStoreForTooLong) {
  backend.answer_with([](const Request&) { return Answer{.held = true}; });
  start_both();
  ASSERT_EQ(tell("r", 1), Status::ok);
  ASSERT_EQ(tell("r", 2), Status::ok);
  ASSERT_TRUE(backend.wait_for(1));
  outbox.fail_server(0, Status::retry);
  ASSERT_TRUE(in_time([&] { return backend.count() == 2; }, 100ms)) << "nobody took over";
  EXPECT_EQ(came()["r"], (std::vector<int>{1, 1}));
  outbox.fail_server(0, Status::ok);
  ASSERT_TRUE(in_time([&] {
    backend.release();
    return outbox.entries(false).empty();
  }));
  EXPECT_EQ(heard()["r"], first(2));
  EXPECT_EQ(delivered_by_first(), 1);
  EXPECT_EQ(delivered_by_second(), 2);
}

TEST_F(SharedOutbox, GivesWhatAnotherServersOperatorRevives) {
  std::atomic<bool> mended{false};
  backend.answer_with([&](const Request&) -> Answer { return {.status = mended ? 200 : 400}; });
  start_both();
  ASSERT_EQ(tell("r", 1), Status::ok);
  ASSERT_TRUE(in_time([&] { return outbox.entries(true).size() == 1; }));
  mended = true;
  clock.advance(milliseconds(kRenewClaimMs));
  outbox.revive_all();
  outbox.tell(1);
  ASSERT_TRUE(all_gone());
  EXPECT_EQ(delivered_by_first(), 1);
}

TEST_F(SharedOutbox, HoldsAFirstStateUntilTheBackendKnowsWhatAnotherServerTold) {
  set("initial_timeout_ms", int64_t{20'000});
  std::atomic<bool> asked{false};
  backend.answer_with([&](const Request& request) -> Answer {
    if (request.body.find("initial-storage") != std::string::npos) {
      asked = true;
      return {.body = R"({"storage":null})"};
    }
    return {.held = true};
  });
  start_both();
  ASSERT_EQ(tell("r", 1), Status::ok);
  ASSERT_TRUE(backend.wait_for(1));
  std::atomic<bool> answered{false};
  std::thread opens([&] {
    testing::Answer answer;
    static_cast<void>(second->initial_storage("r", Reply(answer.reply())));
    answered = true;
  });
  const int lists = outbox.lists();
  EXPECT_TRUE(in_time([&] { return outbox.lists() >= lists + 2; }));
  EXPECT_FALSE(asked) << "an event of the room waits";
  backend.release();
  EXPECT_TRUE(in_time([&] { return answered.load(); }));
  EXPECT_TRUE(asked);
  opens.join();
}

TEST_F(Webhook, AsksOnceWhoDeliversWhereNobodySharesTheStore) {
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  ASSERT_TRUE(all_gone());
  const int lists = outbox.lists();
  for (int n = 0; n < 60; ++n) clock.advance(1s);
  ASSERT_EQ(tell("r", 2), Status::ok);
  ASSERT_TRUE(eventually([&] { return outbox.entries(false).empty(); }));
  EXPECT_EQ(outbox.claims(), 1);
  EXPECT_EQ(outbox.lists(), lists + 1) << "for the event alone";
}

TEST_F(Webhook, DeliversWhereTheServerDoesNotKnowOfCouriers) {
  outbox.forget_courier();
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  ASSERT_TRUE(eventually([&] { return outbox.entries(false).empty(); }));
  EXPECT_EQ(came()["r"], first(1));
}

}  // namespace
}  // namespace freshet::webhook
