// The end of the server: what is waited for, what is hurried, and what is left for the next start.
#include "app-webhook/limits.h"
#include "webhook_fixture.h"

namespace freshet::webhook {
namespace {

class AtAStop : public Webhook {
 protected:
  // As the server asks, when all has been told: for as long, by the plugin's clock.
  std::chrono::milliseconds asked_until_settled() {
    const uint64_t began = clock.now_ms();
    EXPECT_TRUE(in_time([&] { return app->settled(); }));
    return std::chrono::milliseconds(clock.now_ms() - began);
  }
  // The same, while the time stands still.
  bool is_soon_settled() {
    return eventually([&] { return app->settled(); });
  }
};

TEST_F(AtAStop, IsSettledWhenTheBackendHasTakenWhatWasTold) {
  backend.answer_with([](const Request&) { return Answer{.held = true}; });
  start();
  EXPECT_TRUE(is_soon_settled());
  for (int n = 1; n <= 20; ++n) {
    ASSERT_EQ(tell("r", n), Status::ok);
    ASSERT_FALSE(app->settled()) << "it was told just now";
    ASSERT_TRUE(backend.wait_for(static_cast<size_t>(n)));
    ASSERT_FALSE(app->settled()) << "it is not answered";
    backend.release();
    ASSERT_TRUE(is_soon_settled());
    ASSERT_TRUE(outbox.entries(false).empty());
  }
  EXPECT_EQ(came()["r"], first(20));
}

TEST_F(AtAStop, EndsThePausesAfterFailures) {
  host.set("retry_ms", int64_t{600'000});
  host.set("retry_max_ms", int64_t{600'000});
  backend.answer_with([](const Request&) { return Answer{.status = 503}; });
  start();
  for (const char* room : {"a", "b", "c"}) ASSERT_EQ(tell(room, 1), Status::ok);
  ASSERT_TRUE(eventually([&] { return host.metric("freshet_webhook_failed_total") == 3; }));
  backend.answer_with([](const Request&) { return Answer{}; });
  EXPECT_TRUE(is_soon_settled());
  EXPECT_TRUE(outbox.entries(false).empty());
}

TEST_F(AtAStop, DoesNotWaitForWhatIsTriedTooLate) {
  host.set("retry_ms", int64_t{600'000});
  host.set("retry_max_ms", int64_t{600'000});
  host.set("stop_wait_ms", int64_t{60'000});
  start();
  backend.go_down();
  for (int r = 0; r < 100; ++r) ASSERT_EQ(tell("room " + std::to_string(r), 1), Status::ok);
  EXPECT_TRUE(is_soon_settled());
  EXPECT_EQ(outbox.entries(false).size(), 100u);

  app.reset();
  EXPECT_TRUE(host.logged("events left in the outbox, for the next start: 100")) << host.log();
  backend.go_up();
  start();
  EXPECT_TRUE(all_gone());
  EXPECT_EQ(heard().size(), 100u);
}

TEST_F(AtAStop, WaitsForABackendThatTakesNothingNoLongerThanItsBound) {
  host.set("stop_wait_ms", int64_t{300});
  backend.answer_with([](const Request&) { return Answer{.held = true}; });
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  EXPECT_GE(asked_until_settled(), 300ms);
  EXPECT_EQ(outbox.entries(false).size(), 1u);
}

TEST_F(AtAStop, WaitsForAStoreThatFailsNoLongerThanItsBound) {
  host.set("stop_wait_ms", int64_t{300});
  start();
  backend.answer_with([&](const Request&) {
    outbox.fail_with(Status::retry);
    return Answer{};
  });
  ASSERT_EQ(tell("r", 1), Status::ok);
  EXPECT_GE(asked_until_settled(), 300ms);
  EXPECT_EQ(outbox.entries(false).size(), 1u);
}

TEST_F(AtAStop, WaitsAsLongAsTheBackendTakesSomething) {
  host.set("stop_wait_ms", int64_t{500});
  backend.answer_with([](const Request&) { return Answer{.held = true}; });
  start();
  for (int n = 1; n <= 20; ++n) ASSERT_EQ(tell("r", n), Status::ok);
  for (size_t n = 1; n <= 20; ++n) {
    ASSERT_TRUE(backend.wait_for(n));
    ASSERT_FALSE(app->settled());
    clock.advance(100ms);
    ASSERT_FALSE(app->settled()) << "it took one 100 ms ago";
    backend.release();
  }
  EXPECT_TRUE(is_soon_settled());
  EXPECT_TRUE(outbox.entries(false).empty());
}

}  // namespace
}  // namespace freshet::webhook
