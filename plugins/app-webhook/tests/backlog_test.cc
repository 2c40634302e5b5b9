// What is known of an outbox, and whose turn it is.
#include "app-webhook/sending/backlog.h"

#include <gtest/gtest.h>

#include "app-webhook/limits.h"
#include "fake_clock.h"
#include "fake_outbox.h"

namespace freshet::webhook {
namespace {

using namespace std::chrono_literals;

class BacklogTest : public ::testing::Test {
 protected:
  // As the server tells, and until all is known.
  void learn() {
    backlog.begin_anew();
    read();
  }
  void read() {
    do {
      retries.run_due();
      backlog.list_more();
      mailbox.read();
    } while (backlog.is_learning() && retries.next_ms() == UINT64_MAX);
  }
  uint64_t put(const std::string& room) { return entries.put(room, "{}", 7000); }
  // The room and the id of who is due; "" and 0 for nobody.
  std::pair<std::string, uint64_t> due() {
    const auto event = backlog.take_due();
    return event ? std::pair{event->room, event->id} : std::pair{std::string(), uint64_t{0}};
  }
  using Due = std::pair<std::string, uint64_t>;
  const Due nobody{"", 0};

  FakeClock clock;
  const std::unique_ptr<Clock> hand = clock.hand();
  FakeOutbox entries;
  const Outbox outbox{entries.table(), "app-webhook"};
  std::mt19937_64 random{1};
  Mailbox mailbox{[] {}};
  StoreRetries retries{*hand, random};
  Backlog backlog{outbox, mailbox, retries, *hand};
};

TEST_F(BacklogTest, GivesTheFirstOfEachRoomAndTheNextOnceThatIsOver) {
  put("a"), put("a"), put("b");
  EXPECT_EQ(due(), nobody) << "nothing is known yet";
  EXPECT_FALSE(backlog.has_none_of("c", 0));
  learn();
  EXPECT_EQ(backlog.waiting(), 3);
  EXPECT_EQ(backlog.oldest_ms(), 7000u);
  EXPECT_TRUE(backlog.has_none_of("c", 0));
  EXPECT_FALSE(backlog.has_none_of("b", 0));
  const Due first = due(), second = due();
  EXPECT_EQ((std::set{first, second}), (std::set{Due{"a", 1}, Due{"b", 3}}));
  EXPECT_EQ(due(), nobody) << "one of a room at a time";
  EXPECT_EQ(backlog.under_way(), 2u);
  backlog.over("a", 1);
  EXPECT_EQ(due(), (Due{"a", 2}));
  backlog.over("b", 3);
  EXPECT_TRUE(backlog.has_none_of("b", 0));
  EXPECT_EQ(due(), nobody);
  EXPECT_EQ(backlog.waiting(), 1);
}

TEST_F(BacklogTest, WaitsBeforeItGivesARoomAgainUnlessPausesEnd) {
  put("a");
  learn();
  ASSERT_EQ(due(), (Due{"a", 1}));
  EXPECT_EQ(backlog.count_failure("a"), 1u);
  backlog.again("a", 100);
  EXPECT_EQ(backlog.next_due_ms(), clock.now_ms() + 100);
  clock.advance(99ms);
  EXPECT_EQ(due(), nobody);
  clock.advance(1ms);
  ASSERT_EQ(due(), (Due{"a", 1}));
  EXPECT_EQ(backlog.count_failure("a"), 2u);
  backlog.again("a", 100);
  backlog.end_pauses();
  EXPECT_EQ(due(), (Due{"a", 1}));
}

TEST_F(BacklogTest, LearnsOfWhatIsAddedAndOfNoneTwice) {
  learn();
  const uint64_t id = put("a");
  EXPECT_EQ(due(), nobody);
  backlog.added(id, 1);
  EXPECT_FALSE(backlog.has_none_of("b", id)) << "it is not known whose that is";
  read();
  backlog.added(id, 1);
  read();
  EXPECT_TRUE(backlog.has_none_of("b", id));
  EXPECT_EQ(due(), (Due{"a", id}));
  backlog.over("a", id);
  EXPECT_EQ(due(), nobody);
}

TEST_F(BacklogTest, KeepsWhatIsUnderWayWhenItBeginsAnew) {
  put("a"), put("a"), put("b");
  learn();
  ASSERT_NE(due(), nobody);
  ASSERT_NE(due(), nobody);
  learn();
  EXPECT_EQ(backlog.under_way(), 2u);
  EXPECT_EQ(backlog.waiting(), 3);
  EXPECT_EQ(due(), nobody);
  backlog.over("a", 1);
  EXPECT_EQ(due(), (Due{"a", 2}));
}

TEST_F(BacklogTest, KnowsNoMoreThanItsWindowAtATime) {
  for (size_t n = 0; n < kWindowEntries + kListEntries; ++n) put("a");
  backlog.begin_anew();
  for (size_t n = 0; n < kWindowEntries / kListEntries + 10; ++n) {
    backlog.list_more();
    mailbox.read();
  }
  EXPECT_EQ(backlog.waiting(), static_cast<int64_t>(kWindowEntries + kListEntries));
  EXPECT_EQ(backlog.lists(), kWindowEntries / kListEntries);
  EXPECT_TRUE(backlog.is_learning());
  ASSERT_EQ(due(), (Due{"a", 1}));
  backlog.over("a", 1);
  backlog.list_more();
  mailbox.read();
  EXPECT_EQ(backlog.waiting(), static_cast<int64_t>(kWindowEntries + kListEntries - 1));
}

TEST_F(BacklogTest, AsksAStoreThatFailsAgainAfterAPause) {
  put("a");
  entries.fail_with(Status::retry);
  learn();
  const int asked = entries.failures();
  backlog.list_more();
  mailbox.read();
  EXPECT_EQ(entries.failures(), asked) << "without a pause";
  entries.fail_with(Status::ok);
  clock.advance(std::chrono::milliseconds(kStoreRetryMs));
  read();
  EXPECT_EQ(due(), (Due{"a", 1}));
}

}  // namespace
}  // namespace freshet::webhook
