// What a room sends in a shard that is behind with its work: presence seldom, then updates
// together.
#include "core/tests/audience/audience_parts.h"
#include "core/windows/limits.h"

namespace freshet::sim {
namespace {

struct StrainedAudience : AudienceParts {
  StrainedAudience() { cleo.author = 8; }

  void strain(Strain strain) { shard.services().pace.note_strain(strain); }
  void show(MemberId of, uint64_t clock, const char* json) {
    const freshet_presence entry{
        of, clock, json == nullptr ? freshet_str{nullptr, 0} : to_c(std::string_view(json))};
    audience.send_presence(presence.submit(of, {&entry, 1}, 0, 0));
  }
  // Ann and bob are here, and everybody knows.
  void have_arrived() {
    show(1, 0, "a0");
    show(2, 0, "b0");
    shard.run_ms(1'000);
    bob_hears.messages.clear();
  }
  static size_t presences(const Heard& heard) {
    return static_cast<size_t>(std::ranges::count_if(heard.messages, [](const std::string& each) {
      return each.starts_with(kind(FRESHET_PRESENCE));
    }));
  }
};

TEST_F(StrainedAudience, PresenceComesSeldom) {
  have_arrived();
  strain(Strain::presence);
  for (uint64_t i = 1; i <= 100; ++i) {
    show(1, i, std::to_string(i).c_str());
    shard.run_ms(10);
  }
  shard.run_ms(kStrainedPresenceNs / 1'000'000);
  EXPECT_GE(presences(bob_hears), 4u);
  EXPECT_LE(presences(bob_hears), 5u) << "a second of it";
  EXPECT_TRUE(audience.at_rest());
}

TEST_F(StrainedAudience, WhatIsShownAfterAPauseIsSeenAtOnce) {
  have_arrived();
  strain(Strain::presence);
  show(1, 1, "here");
  shard.run_ms(1);
  EXPECT_EQ(presences(bob_hears), 1u);
}

TEST_F(StrainedAudience, UpdatesAndEventsGoOnWithoutIt) {
  have_arrived();
  strain(Strain::presence);
  show(1, 1, "first");
  shard.run_ms(1);
  bob_hears.messages.clear();
  show(1, 2, "second");
  write(&ann, "x");
  say_event("e");
  shard.run_ms(1);
  EXPECT_EQ(updates(bob_hears), 1u);
  EXPECT_EQ(bob_hears.messages.back(), "8:e");
  EXPECT_EQ(presences(bob_hears), 0u);
  EXPECT_FALSE(audience.at_rest()) << "somebody is still to hear of something";
  shard.run_ms(kStrainedPresenceNs / 1'000'000);
  EXPECT_EQ(presences(bob_hears), 1u);
}

TEST_F(StrainedAudience, NobodyHearsAnEventOfSomebodyItDoesNotKnow) {
  have_arrived();
  strain(Strain::presence);
  show(1, 1, "busy");
  shard.run_ms(1);
  bob_hears.messages.clear();
  show(3, 0, "cleo");
  say_event("hello");
  shard.run_ms(1);
  ASSERT_EQ(bob_hears.messages.size(), 2u);
  EXPECT_TRUE(bob_hears.messages[0].starts_with(kind(FRESHET_PRESENCE)));
  EXPECT_EQ(bob_hears.messages[1], "8:hello");
}

TEST_F(StrainedAudience, WhoFallsBehindMeanwhileIsToldWhoHasGone) {
  have_arrived();
  strain(Strain::presence);
  show(1, 1, "busy");
  shard.run_ms(1);
  audience.send_presence(presence.leave(1));
  bob_hears.queued_bytes = 2'000;
  say_event("e");
  shard.run_ms(1);
  ASSERT_TRUE(bob.lagging);
  shard.run_ms(1'000);
  const size_t before = presences(bob_hears);
  bob_hears.queued_bytes = 0;
  ASSERT_EQ(audience.catch_up(bob), Status::ok);
  EXPECT_EQ(presences(bob_hears), before + 1);
}

TEST_F(StrainedAudience, WhatWaitsLeavesWhenTheRoomCloses) {
  have_arrived();
  strain(Strain::presence);
  show(1, 1, "busy");
  shard.run_ms(1);
  audience.send_presence(presence.leave(1));
  audience.send_all_windows();
  EXPECT_EQ(presences(bob_hears), 2u);
}

TEST_F(StrainedAudience, WhenItIsOverPresenceIsAsEver) {
  have_arrived();
  strain(Strain::presence);
  show(1, 1, "busy");
  show(1, 2, "busy");
  shard.run_ms(1);
  strain(Strain::none);
  const size_t before = presences(bob_hears);
  show(1, 3, "calm");
  shard.run_ms(1);
  EXPECT_EQ(presences(bob_hears), before + 1);
}

// The writer hears as soon as ever that it is saved; the others hear of many edits at once.
TEST_F(StrainedAudience, UpdatesAreGatheredAndAcknowledgementsAreNot) {
  const auto second_of_typing = [&](Strain at) {
    strain(at);
    shard.run_ms(1'000);
    bob_hears.messages.clear();
    size_t not_acknowledged = 0;
    for (uint64_t ticket = 1; ticket <= 100; ++ticket) {
      ann_hears.messages.clear();
      write(&ann, "x", ticket);
      shard.run_ms(10);
      audience.send_saved();
      if (ann_hears.messages.empty()) ++not_acknowledged;
    }
    shard.run_ms(kStrainedWindowNs / 1'000'000);
    EXPECT_EQ(not_acknowledged, 0u);
    return updates(bob_hears);
  };
  const size_t calm = second_of_typing(Strain::presence);
  EXPECT_GE(calm, 50u);
  EXPECT_LE(second_of_typing(Strain::updates), 11u);
  EXPECT_EQ(updates(ann_hears), 0u);
}

TEST_F(StrainedAudience, WhatIsTypedAfterAPauseIsSeenAtOnce) {
  strain(Strain::joins);
  shard.run_ms(1'000);
  write(&ann, "x");
  shard.run_ms(1);
  EXPECT_EQ(updates(bob_hears), 1u);
}

}  // namespace
}  // namespace freshet::sim
