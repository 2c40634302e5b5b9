// The list of rooms as one looker follows it: of all loops, and of what it asked for last.
#include "core/live/rooms/rooms_view.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace freshet {
namespace {

// What one loop answers.
Ranking of_loop(const RoomsQuery& query, const std::string& name, uint64_t bytes) {
  Ranking found(query);
  RoomRow row{};
  row.name = name;
  row.bytes = bytes;
  found.note(row);
  return found;
}

TEST(RoomsView, IsWholeOnceAllLoopsHaveAnswered) {
  RoomsView view;
  view.follow(RoomsQuery{});
  ASSERT_TRUE(view.is_due(1'000));
  const RoomsQuery query = view.begin(1'000);
  EXPECT_FALSE(view.is_due(60'000)) << "they are asked already";
  EXPECT_FALSE(view.take_in(of_loop(query, "small", 1), 2).has_value());
  auto all = view.take_in(of_loop(query, "large", 2), 2);
  ASSERT_TRUE(all.has_value());
  const nlohmann::json told = rooms_picture(*std::move(all));
  EXPECT_EQ(told["open"], 2);
  EXPECT_EQ(told["sort"], "bytes");
  EXPECT_EQ(told["rows"][0]["room"], "large");
  EXPECT_EQ(told["rows"][1]["room"], "small");
  EXPECT_FALSE(view.take_in(of_loop(query, "late", 3), 2).has_value()) << "nobody has asked";
}

TEST(RoomsView, IsFollowedEverySoOftenAndSoonerWhenAnotherIsAskedFor) {
  RoomsView view;
  EXPECT_FALSE(view.is_due(1'000)) << "nobody wants it";
  view.follow(RoomsQuery{});
  EXPECT_TRUE(view.take_in(of_loop(view.begin(1'000), "r", 1), 1).has_value());
  EXPECT_FALSE(view.is_due(1'000 + kRoomsEveryMs - 1));
  EXPECT_TRUE(view.is_due(1'000 + kRoomsEveryMs));
  view.follow(RoomsQuery{.search = "x"});
  EXPECT_FALSE(view.is_due(1'000 + kAskedAgainMs - 1)) << "each letter of a search is one";
  EXPECT_TRUE(view.is_due(1'000 + kAskedAgainMs));
  view.follow(std::nullopt);
  EXPECT_FALSE(view.is_due(60'000));
}

TEST(RoomsView, IsNotOfWhatWasAskedForBefore) {
  RoomsView view;
  view.follow(RoomsQuery{});
  const RoomsQuery before = view.begin(1'000);
  view.follow(RoomsQuery{.search = "x"});
  EXPECT_FALSE(view.take_in(of_loop(before, "r", 1), 1).has_value());
  ASSERT_TRUE(view.is_due(1'000 + kAskedAgainMs));
  const RoomsQuery now = view.begin(2'000);
  EXPECT_EQ(now.search, "x");
  EXPECT_TRUE(view.take_in(of_loop(now, "x", 1), 1).has_value());
}

TEST(RoomsView, IsOfNobodyWhoWantsItNoMore) {
  RoomsView view;
  view.follow(RoomsQuery{});
  const RoomsQuery query = view.begin(1'000);
  view.follow(std::nullopt);
  EXPECT_FALSE(view.take_in(of_loop(query, "r", 1), 1).has_value());
}

}  // namespace
}  // namespace freshet
