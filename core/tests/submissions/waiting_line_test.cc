// What waits for a room's document.
#include "core/submissions/waiting_line.h"

#include <gtest/gtest.h>

#include "core/report/metrics.h"

namespace freshet {
namespace {

struct WaitingLineTest : ::testing::Test {
  Submission show(std::string_view change) { return {1, Submission::Show{as_bytes(change)}}; }

  Metrics metrics;
  freshet_metric& held = metrics.gauge("held", "");
  Budget budget{10'000, held};
  WaitingLine line{&budget};
};

TEST_F(WaitingLineTest, GoesOnInTheOrderInWhichItCame) {
  ASSERT_EQ(line.push(show("one"), 1'000), Status::ok);
  RoomCommand command;
  ASSERT_EQ(line.push(command), Status::ok);
  line.push(EndedCall{{}, Status::retry, {}});
  EXPECT_EQ(line.commands(), 1u);
  const WaitingLine::One first = line.pop();
  const auto& kept = std::get<KeptSubmission>(first.what).get();
  EXPECT_EQ(as_text(std::get<Submission::Show>(kept.what).change), "one");
  EXPECT_TRUE(std::holds_alternative<RoomCommand>(line.pop().what));
  EXPECT_EQ(line.commands(), 0u);
  EXPECT_EQ(std::get<EndedCall>(line.pop().what).status, Status::retry);
  EXPECT_TRUE(line.empty());
  EXPECT_EQ(held.get(), 0);
}

TEST_F(WaitingLineTest, IsBoundedForAllThatIsSubmittedTogether) {
  const std::string large(600, 'x');
  ASSERT_EQ(line.push(show(large), 1'000), Status::ok);
  EXPECT_EQ(line.push(show(large), 1'000), Status::limit);
  EXPECT_EQ(line.push(show("x"), 1'000), Status::ok);
  static_cast<void>(line.pop());
  EXPECT_EQ(line.push(show(large), 1'000), Status::ok);
}

TEST_F(WaitingLineTest, HoldsCommandsAndCallsAgainstTheBudgetAndAgainstNoSession) {
  RoomCommand command{.json = std::string(2'000, 'x')};
  ASSERT_EQ(line.push(command), Status::ok);
  line.push(EndedCall{{}, Status::ok, {{0, 0, std::vector<uint8_t>(2'000)}}});
  EXPECT_GT(held.get(), 4'000);
  EXPECT_EQ(line.push(show(std::string(600, 'x')), 1'000), Status::ok);
  while (!line.empty()) static_cast<void>(line.pop());
  EXPECT_EQ(held.get(), 0);
}

TEST_F(WaitingLineTest, LeavesACommandForWhichThereIsNoMemoryAsItWas) {
  RoomCommand command{.json = std::string(20'000, 'x')};
  EXPECT_EQ(line.push(command), Status::retry);
  EXPECT_EQ(command.json.size(), 20'000u);
  EXPECT_TRUE(line.empty());
  EXPECT_EQ(line.commands(), 0u);
  EXPECT_EQ(held.get(), 0);
}

TEST_F(WaitingLineTest, TakesItsMemoryFromTheBudgetAndGivesItBack) {
  EXPECT_EQ(line.push(show(std::string(20'000, 'x')), 100'000), Status::retry);
  EXPECT_TRUE(line.empty());
  ASSERT_EQ(line.push(show(std::string(5'000, 'x')), 100'000), Status::ok);
  EXPECT_GT(held.get(), 5'000);
  EXPECT_EQ(line.clear().size(), 1u);
  EXPECT_EQ(held.get(), 0);
}

}  // namespace
}  // namespace freshet
