// Which calls wait for which, as seen from outside: with a room that somebody holds.
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <thread>

#include "store-postgres/limits.h"
#include "store-postgres/tests/test_server.h"

namespace freshet::postgres {

namespace {

freshet_str str(std::string_view text) { return to_c(text); }

// An append of one entry that is not waited for.
class PendingAppend {
 public:
  PendingAppend(const freshet_store* table, std::string_view room, uint64_t number,
                uint32_t shard = 0)
      : entry_{.room = str(room),
               .epoch = epoch_of(kA),
               .flags = FRESHET_APPEND_NEW,
               .update = to_c(as_bytes("x")),
               .author = {},
               .first_unix_ms = 0,
               .last_unix_ms = 0,
               .first_number = 1,
               .last_number = 1},
        batch_{sizeof(batch_), {{'w'}, shard}, number, &entry_, 1} {
    table->append(table->self, &batch_, answer_.reply());
  }

  Status wait() { return answer_.wait(); }
  bool answered() const { return answer_.times_done() > 0; }
  uint64_t seq() {
    const auto* item = answer_.find(FRESHET_STORE_SEQ);
    return wait() == Status::ok && item != nullptr ? item->number : 0;
  }

 private:
  freshet_append entry_;
  freshet_batch batch_;
  testing::Answer answer_;
};

}  // namespace

TEST(PostgresCalls, ALoadDoesNotWaitForAppendsOfOtherRooms) {
  const std::string schema = new_schema();
  const TestStore open({.schema = schema, .numbers = {{"connections", 3}}});
  StoreCaller store = open.caller();
  ASSERT_EQ(store.append({{"held", epoch_of(kA), 1, "x"}, {"free", epoch_of(kA), 1, "x"}}),
            Status::ok);
  auto held = std::make_unique<HeldRoom>(schema, "held");
  // More of them than there are connections.
  std::deque<PendingAppend> appends;
  for (uint32_t shard = 0; shard < 6; ++shard) appends.emplace_back(open.table(), "held", 1, shard);
  for (int times = 0; times < 5; ++times) EXPECT_EQ(store.load("free").status, Status::ok);
  EXPECT_EQ(store.trouble(), "");
  for (PendingAppend& append : appends) EXPECT_FALSE(append.answered());
  held.reset();
  for (PendingAppend& append : appends) EXPECT_EQ(append.wait(), Status::ok);
}

TEST(PostgresCalls, CallsOfARoomTakeEffectInTheirOrder) {
  const std::string schema = new_schema();
  const TestStore open({.schema = schema, .numbers = {{"connections", 8}}});
  std::deque<PendingAppend> appends;
  for (uint64_t n = 1; n <= 200; ++n) {
    appends.emplace_back(open.table(), "r", n, static_cast<uint32_t>(n));
  }
  StoreCaller store = open.caller();
  EXPECT_EQ(store.load("r").updates.size(), 200u) << "it came after them";
  for (uint64_t n = 1; n <= 200; ++n) EXPECT_EQ(appends[n - 1].seq(), n);
}

// It sees what was asked for before it, and holds nothing up.
TEST(PostgresCalls, AskingWhereLogsEndMakesNoRoomWaitForAnother) {
  const std::string schema = new_schema();
  const TestStore open({.schema = schema});
  StoreCaller store = open.caller();
  ASSERT_EQ(store.append({{"held", epoch_of(kA), 1, "x"}, {"free", epoch_of(kA), 1, "x"}}),
            Status::ok);
  auto held = std::make_unique<HeldRoom>(schema, "held");
  PendingAppend append(open.table(), "held", 1);
  const freshet_str both[] = {str("held"), str("free")};
  testing::Answer heads;
  open.table()->heads(open.table()->self, both, 2, heads.reply());
  EXPECT_EQ(store.append({{"free", epoch_of(kA), 2, "y"}}), Status::ok);
  EXPECT_EQ(heads.times_done(), 0);
  held.reset();
  ASSERT_EQ(heads.wait(), Status::ok);
  EXPECT_EQ(heads.find(FRESHET_STORE_LAST_SEQ)->number, 2u);
  EXPECT_EQ(append.seq(), 2u);
}

TEST(PostgresCalls, SoManyMayWaitAndNoMore) {
  const std::string schema = new_schema();
  const TestStore open({.schema = schema});
  StoreCaller store = open.caller();
  ASSERT_EQ(store.append({{"held", epoch_of(kA), 1, "x"}}), Status::ok);
  std::deque<testing::Answer> answers(kMaxWaitingCalls + 10);
  auto held = std::make_unique<HeldRoom>(schema, "held");
  PendingAppend first(open.table(), "held", 1);
  const freshet_store* table = open.table();
  for (testing::Answer& answer : answers) table->info(table->self, str("held"), answer.reply());
  for (size_t i = kMaxWaitingCalls; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].wait(), Status::retry);
  }
  EXPECT_TRUE(open.host().logged("too many calls wait for the database"));
  EXPECT_EQ(answers[0].times_done(), 0);
  held.reset();
  EXPECT_EQ(first.wait(), Status::ok);
  for (size_t i = 0; i + 1 < kMaxWaitingCalls; ++i) EXPECT_EQ(answers[i].wait(), Status::ok);
  // A call is counted until its worker is done with it, a moment after the answer.
  EXPECT_EQ(answers[0].times_done(), 1);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (open.host().metric("freshet_store_waiting_calls") != 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
}

}  // namespace freshet::postgres
