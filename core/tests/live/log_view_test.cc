// What one looker is shown of the log: lines of its level, so many a second, and how many it was
// not shown.
#include "core/live/server/log_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/tests/report/kept_log.h"

namespace freshet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct ShownLog : ::testing::Test {
  void write(size_t lines, freshet_level level = FRESHET_INFO) {
    for (size_t i = 0; i < lines; ++i)
      log.write(level, "room", "line " + std::to_string(++written));
  }
  void look(uint64_t now_ms) {
    view.look(log, now_ms, [this](std::string_view text) {
      if (full) return false;
      told.push_back(nlohmann::json::parse(text));
      return true;
    });
  }
  // What was shown since the last time, as "line 7".
  std::vector<std::string> shown() {
    std::vector<std::string> out;
    for (const auto& message : std::exchange(told, {})) {
      for (const auto& line : message.value("logs", nlohmann::json::array())) {
        out.push_back(line["message"]);
      }
    }
    return out;
  }
  // And how many it was told that it was not.
  uint64_t skipped() {
    uint64_t out = 0;
    for (const auto& message : told) out += message.value("logs_skipped", uint64_t{0});
    return out;
  }

  KeptLog kept;
  LogTail log{kept, FRESHET_DEBUG, [] { return uint64_t{77}; }};
  LogView view;
  std::vector<nlohmann::json> told;
  bool full = false;  // nothing more may be sent
  size_t written = 0;
};

TEST_F(ShownLog, IsNothingUntilItIsWanted) {
  write(3);
  look(1'000);
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(ShownLog, IsWhatWasKeptAndThenWhatIsWritten) {
  write(2);
  view.show(FRESHET_INFO);
  look(1'000);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["logs"][0],
            (nlohmann::json{
                {"at_ms", 77}, {"level", "info"}, {"subject", "room"}, {"message", "line 1"}}));
  EXPECT_THAT(shown(), ElementsAre("line 1", "line 2"));
  look(1'100);
  EXPECT_THAT(told, IsEmpty()) << "the same is shown twice";
  write(1);
  look(1'200);
  EXPECT_THAT(shown(), ElementsAre("line 3"));
}

TEST_F(ShownLog, IsOfTheLevelThatIsWantedAndBeginsAnewWithAnother) {
  view.show(FRESHET_WARN);
  write(1, FRESHET_INFO);
  write(1, FRESHET_WARN);
  look(1'000);
  EXPECT_THAT(shown(), ElementsAre("line 2"));
  view.show(FRESHET_INFO);
  look(1'100);
  EXPECT_EQ(skipped(), 0u) << "what is not wanted is not skipped";
  EXPECT_THAT(shown(), ElementsAre("line 1", "line 2"));
  view.show(std::nullopt);
  write(1);
  look(1'200);
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(ShownLog, SaysHowManyWereMoreThanASecondsShare) {
  view.show(FRESHET_INFO);
  write(kLogLinesPerSecond - 1);
  look(5'000);
  write(6);
  look(5'100);
  EXPECT_EQ(shown().size(), kLogLinesPerSecond);
  look(5'900);
  EXPECT_THAT(told, IsEmpty()) << "that they were skipped is a line, too";
  look(6'000);
  EXPECT_EQ(skipped(), 5u);
  told.clear();
  look(7'000);
  EXPECT_THAT(told, IsEmpty()) << "it is said twice";
}

TEST_F(ShownLog, SaysHowManyWereKeptNoLonger) {
  view.show(FRESHET_INFO);
  write(1);
  look(5'000);
  write(kKeptLines + 10);
  told.clear();
  look(6'000);
  look(7'000);
  EXPECT_EQ(skipped(), 10u);
  EXPECT_EQ(shown().size(), kKeptLines);
}

TEST_F(ShownLog, SaysHowManyThereWasNoPlaceFor) {
  view.show(FRESHET_INFO);
  write(4);
  full = true;
  look(5'000);
  full = false;
  look(5'100);
  EXPECT_EQ(skipped(), 4u);
  EXPECT_THAT(shown(), IsEmpty());
}

}  // namespace
}  // namespace freshet
