// The first of many rooms, what a looker may say, and so many in a second.
#include "core/live/rooms/ranking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/live/rooms/unsaved_of.h"
#include "core/rates/throttle.h"

namespace freshet {
namespace {

RoomRow row(std::string name, uint64_t bytes, uint64_t people = 0) {
  return {.name = std::move(name),
          .state = RoomState::live,
          .people = people,
          .shown = 0,
          .bytes = bytes,
          .unsaved_bytes = 0,
          .unsaved_ms = 0,
          .lagging = 0,
          .idle_ms = 0};
}

std::vector<std::string> names(Ranking ranking) {
  std::vector<std::string> out;
  for (const RoomRow& each : std::move(ranking).in_order()) out.push_back(each.name);
  return out;
}

TEST(Ranking, KeepsTheLargestInOrderWhateverComesFirst) {
  std::vector<uint64_t> sizes(1'000);
  for (size_t i = 0; i < sizes.size(); ++i) sizes[i] = i;
  std::ranges::shuffle(sizes, std::mt19937(7));
  Ranking ranking({.limit = 3});
  for (const uint64_t size : sizes) ranking.note(row("r" + std::to_string(size), size));
  EXPECT_EQ(ranking.matched(), 1'000u);
  EXPECT_EQ(names(std::move(ranking)), (std::vector<std::string>{"r999", "r998", "r997"}));
}

TEST(Ranking, IsByNameWhereTwoAreAlike) {
  Ranking ranking({.sort = RoomsQuery::Sort::people, .limit = 2});
  for (const char* name : {"c", "a", "b"}) ranking.note(row(name, 0, 5));
  EXPECT_EQ(names(std::move(ranking)), (std::vector<std::string>{"a", "b"}));
}

TEST(Ranking, OfShardsIsWhatOneOfAllWouldBe) {
  const RoomsQuery query{.limit = 10};
  Ranking all(query), one(query), other(query);
  for (uint64_t i = 0; i < 500; ++i) {
    const uint64_t size = i * 7919 % 503;
    all.note(row("r" + std::to_string(i), size));
    (i % 3 == 0 ? one : other).note(row("r" + std::to_string(i), size));
  }
  one.note_other();
  one.take_in(other);
  EXPECT_EQ(one.open(), 501u);
  EXPECT_EQ(one.matched(), 500u);
  EXPECT_EQ(names(one), names(all));
}

TEST(LookRequest, IsReadOrSaysWhatIsWrong) {
  std::string why;
  const auto rooms =
      read_look_request(R"({"watch":"rooms","sort":"unsaved","search":"x","limit":100000})", why);
  ASSERT_TRUE(rooms.has_value());
  EXPECT_EQ(rooms->rooms.sort, RoomsQuery::Sort::unsaved);
  EXPECT_EQ(rooms->rooms.limit, kMaxRankedRooms);
  EXPECT_FALSE(read_look_request(R"({"unwatch":"room"})", why)->watch);
  EXPECT_EQ(read_look_request(R"({"key":"k"})", why)->key, "k");
  for (const auto& [said, told] :
       {std::pair{"{", "say {\"watch\": ...} or {\"unwatch\": ...}"},
        std::pair{"[1]", "say {\"watch\": ...} or {\"unwatch\": ...}"},
        std::pair{R"({"watch":"sky"})", "watch is one of server rooms room logs plugins"},
        std::pair{R"({"watch":7})", "watch is one of server rooms room logs plugins"},
        std::pair{R"({"watch":"rooms","sort":"age"})",
                  "sort is one of bytes people lag unsaved name"},
        std::pair{R"({"watch":"rooms","limit":-1})", "limit is a number"},
        std::pair{R"({"watch":"room"})", "room is missing: its name"}}) {
    EXPECT_FALSE(read_look_request(said, why).has_value()) << said;
    EXPECT_EQ(why, told) << said;
  }
}

TEST(Throttle, LetsSoManyThroughInASecondAndNoMoreForAQuietOne) {
  Throttle throttle(3);
  const auto taken = [&](uint64_t now_ms) {
    size_t n = 0;
    while (n < 100 && throttle.take(now_ms)) ++n;
    return n;
  };
  EXPECT_EQ(taken(5'000), 3u);
  EXPECT_EQ(taken(5'900), 0u);
  EXPECT_EQ(taken(60'000), 3u) << "a minute is no credit";
}

TEST(Throttle, LetsWhatIsMoreThanASecondsShareThroughAlone) {
  Throttle throttle(10);
  EXPECT_TRUE(throttle.take(5'000, 50));
  EXPECT_FALSE(throttle.take(5'500, 1));
  EXPECT_TRUE(throttle.take(6'000, 1));
  EXPECT_FALSE(throttle.take(6'000, 50));
}

TEST(UnsavedOf, IsWhatTheJournalHasNotWritten) {
  UnsavedOf unsaved;
  unsaved.begin(10);
  unsaved.note_before(1, 2);
  unsaved.note(1, 11);
  unsaved.note(2, 12);
  EXPECT_EQ(unsaved.of(1, 3), 3u);
  unsaved.note_saved(9);
  EXPECT_EQ(unsaved.of(1, 3), 3u) << "of what was before it began";
  EXPECT_EQ(unsaved.of(1, 2), 2u) << "one of those is told saved, and so it is";
  EXPECT_EQ(unsaved.of(1, 0), 1u) << "of what came since the journal knows each";
  unsaved.note_saved(11);
  EXPECT_EQ(unsaved.of(1, 3), 0u);
  EXPECT_EQ(unsaved.of(2, 1), 1u);
}

TEST(UnsavedOf, IsNotForgottenPastItsBound) {
  UnsavedOf unsaved;
  unsaved.begin(0);
  for (uint64_t i = 1; i <= kUnsavedKept + 10; ++i) unsaved.note(1, i);
  EXPECT_EQ(unsaved.of(1, kUnsavedKept + 10), kUnsavedKept + 10);
  unsaved.note_saved(kUnsavedKept + 10);
  EXPECT_EQ(unsaved.of(1, 0), 0u);
}

}  // namespace
}  // namespace freshet
