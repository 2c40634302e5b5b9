// A connection that is cut at any message of an append: nothing is lost, nothing is there twice.
#include <gtest/gtest.h>

#include <map>

#include "store-postgres/tests/cutting_proxy.h"
#include "store-postgres/tests/test_server.h"

namespace freshet::postgres {

namespace {

constexpr int kCuts = 1000;

using Rooms = std::map<std::string, std::vector<std::string>>;

// One entry for an old room, two for one that is new now and then, in changing order.
std::vector<Append> batch_of(int number) {
  const std::string fresh = "new" + std::to_string(number / 7), text = std::to_string(number);
  std::vector<Append> batch = {{"old", epoch_of(kA), 1, text},
                               {fresh, epoch_of(kA), 1, text + "a"},
                               {fresh, epoch_of(kA), 1, text + "b"}};
  if (number % 2 == 0) std::swap(batch[0], batch[1]);
  return batch;
}

}  // namespace

TEST(PostgresCut, ACutAtAnyMessageOfAnAppendLosesNothingAndDoublesNothing) {
  CuttingProxy proxy(TestServer::shared().socket());
  const TestStore open({.url = proxy.url(), .schema = new_schema()});
  ASSERT_TRUE(open.is_open()) << open.host().log();
  StoreCaller store = open.caller();
  const freshet_writer writer{{'w'}, 0};
  Rooms expected;
  int cuts = 0, after = 0, number = 0;
  while (cuts < kCuts) {
    ++number;
    const std::vector<Append> batch = batch_of(number);
    proxy.cut_after(after);
    testing::Appended answer;
    const auto append = [&] {
      answer = store.append_as(writer, static_cast<uint64_t>(number), batch);
      return answer.status;
    };
    ASSERT_EQ(persist(append), Status::ok) << open.host().log();
    ASSERT_EQ(answer.seqs.size(), batch.size());
    for (size_t i = 0; i < batch.size(); ++i) {
      auto& room = expected[batch[i].room];
      room.push_back(batch[i].update);
      EXPECT_EQ(answer.seqs[i], room.size()) << "cut after " << after << " messages";
    }
    // Past the last message of an append there is nothing to cut: from the first again.
    const bool was_cut = proxy.was_cut();
    cuts += was_cut ? 1 : 0;
    after = was_cut ? after + 1 : 0;
  }
  for (const auto& [room, updates] : expected) {
    // Another connection than the last may have been the last that was cut.
    testing::Loaded loaded;
    ASSERT_EQ(persist([&] { return (loaded = store.load(room)).status; }), Status::ok);
    ASSERT_EQ(loaded.updates.size(), updates.size()) << room;
    for (size_t i = 0; i < updates.size(); ++i) EXPECT_EQ(loaded.updates[i].second, updates[i]);
  }
}

}  // namespace freshet::postgres
