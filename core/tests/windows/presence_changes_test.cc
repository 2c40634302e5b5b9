// Presence in a window: the latest of each, and nothing of who came and went.
#include "core/windows/presence_changes.h"

#include <gtest/gtest.h>

#include "freshet/sink.h"

namespace freshet {
namespace {

constexpr MemberId kAnn = 1;
constexpr uint64_t kClient = 7;

struct Room {
  void show(uint64_t clock, const char* json) {
    const freshet_presence entry{
        kClient, clock, json == nullptr ? freshet_str{nullptr, 0} : to_c(std::string_view(json))};
    for (const PresenceNews& each : presence.submit(kAnn, {&entry, 1}, 30'000, 0)) {
      changes.add(each, R"("ann")");
    }
  }
  // "7:3=x arrived"
  std::string said() {
    std::string out;
    for (const auto& [news, user, came_version, came_and_went] : changes.take(presence)) {
      if (came_and_went) continue;
      out += std::to_string(news.client) + ":" + std::to_string(news.clock) + "=" +
             (news.json.data == nullptr ? "gone of " + user : std::string(view(news.json))) +
             (news.arrived ? " arrived" : "") + (news.renewed ? " renewed" : "");
    }
    return out;
  }

  Limits limits;
  Presence presence{limits};
  PresenceChanges changes;
};

TEST(PresenceInAWindow, WhoCameAndChangedCameAsItIsNow) {
  Room room;
  room.show(0, "a");
  room.show(1, "b");
  EXPECT_EQ(room.said(), "7:1=b arrived");
  EXPECT_EQ(room.said(), "") << "said once";
}

TEST(PresenceInAWindow, WhoCameAndWentWasNeverThere) {
  Room room;
  room.show(0, "a");
  room.show(1, nullptr);
  EXPECT_EQ(room.said(), "");
}

TEST(PresenceInAWindow, WhoWentIsSaidWithWhoItWas) {
  Room room;
  room.show(0, "a");
  static_cast<void>(room.said());
  room.show(1, "b");
  room.show(2, nullptr);
  EXPECT_EQ(room.said(), R"(7:2=gone of "ann")");
}

TEST(PresenceInAWindow, WhoWentAndCameBackHasChanged) {
  Room room;
  room.show(0, "a");
  static_cast<void>(room.said());
  room.show(1, nullptr);
  room.show(2, "b");
  EXPECT_EQ(room.said(), "7:2=b");
}

TEST(PresenceInAWindow, WhatWasOnlyRenewedIsNoChange) {
  Room room;
  room.show(0, "a");
  static_cast<void>(room.said());
  room.show(1, "a");
  room.show(2, "a");
  EXPECT_EQ(room.said(), "7:2=a renewed");
  room.show(3, "a");
  room.show(4, "b");
  EXPECT_EQ(room.said(), "7:4=b");
}

}  // namespace
}  // namespace freshet
