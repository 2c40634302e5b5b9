// What a store failed to do, done again.
#include "app-webhook/sending/store_retries.h"

#include <gtest/gtest.h>

#include "app-webhook/limits.h"
#include "fake_clock.h"

namespace freshet::webhook {
namespace {

using std::chrono::milliseconds;

class Retries : public ::testing::Test {
 protected:
  // It fails once more; how long it waits then.
  uint64_t pause_ms() {
    retries.failed([this] { ++done; });
    const uint64_t pause = retries.next_ms() - clock.now_ms();
    clock.advance(milliseconds(pause - 1));
    retries.run_due();
    EXPECT_EQ(std::exchange(done, 0), 0);
    clock.advance(milliseconds(1));
    retries.run_due();
    EXPECT_EQ(std::exchange(done, 0), 1);
    return pause;
  }

  FakeClock clock;
  const std::unique_ptr<Clock> hand = clock.hand();
  std::mt19937_64 random{1};
  StoreRetries retries{*hand, random};
  int done = 0;
};

TEST_F(Retries, ComeAfterPausesThatGetLongerUpToABoundUntilTheStoreWorks) {
  EXPECT_EQ(retries.next_ms(), UINT64_MAX);
  for (uint64_t most = kStoreRetryMs; most < kStoreRetryMaxMs; most *= 2) {
    const uint64_t pause = pause_ms();
    EXPECT_GE(pause, most / 2);
    EXPECT_LE(pause, most);
  }
  for (int n = 0; n < 100; ++n) EXPECT_LE(pause_ms(), kStoreRetryMaxMs);
  retries.worked();
  EXPECT_LE(pause_ms(), kStoreRetryMs);
}

TEST_F(Retries, MayFailAgain) {
  retries.failed([this] { retries.failed([this] { ++done; }); });
  clock.advance(milliseconds(kStoreRetryMs));
  retries.run_due();
  EXPECT_EQ(done, 0);
  clock.advance(milliseconds(2 * kStoreRetryMs));
  retries.run_due();
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace freshet::webhook
