// Presence: the clock rules one by one, and what peers see of somebody who goes.
#include "core/presence/presence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>

#include "sim/world.h"

namespace freshet::sim {
namespace {

constexpr MemberId kAnn = 1, kBob = 2;
constexpr uint64_t kClient = 7;

freshet_presence entry(uint64_t client, uint64_t clock, const char* json) {
  return {client, clock, json == nullptr ? freshet_str{nullptr, 0} : to_c(std::string_view(json))};
}

// "7:3=x 8:1=gone", in order of the ids.
std::string shown(std::vector<PresenceNews> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.client < b.client; });
  std::string out;
  for (const auto& e : entries) {
    if (!out.empty()) out += " ";
    out += std::to_string(e.client) + ":" + std::to_string(e.clock) + "=" +
           (e.json.data == nullptr ? "gone" : std::string(view(e.json)));
  }
  return out;
}

struct ClockRule {
  const char* name;
  freshet_presence first;  // from Ann
  MemberId from;           // of the second
  freshet_presence second;
  const char* told;
};

class ClockRules : public ::testing::TestWithParam<ClockRule> {};

INSTANTIATE_TEST_SUITE_P(
    Presence, ClockRules,
    ::testing::Values(
        ClockRule{"ANewerClockIsNews", entry(7, 1, "a"), kAnn, entry(7, 3, "b"), "7:3=b"},
        ClockRule{"AnOlderClockIsNot", entry(7, 3, "a"), kAnn, entry(7, 2, "b"), ""},
        ClockRule{"TheSameAgainIsNot", entry(7, 1, "a"), kAnn, entry(7, 1, "a"), ""},
        ClockRule{"AnUnknownClientIsNewsAtAnyClock", entry(8, 5, "a"), kAnn, entry(7, 0, "b"),
                  "7:0=b"},
        // It may not have heard yet that it was moved on, and its peers have.
        ClockRule{"AChangeBeforeItKnowsItsClockIsNews", entry(7, 1, "a"), kAnn, entry(7, 2, "b"),
                  "7:3=b"},
        ClockRule{"ItsOwnClockRepeatedIsNot", entry(7, 1, "a"), kAnn, entry(7, 2, "a"), ""},
        ClockRule{"GoneAtTheSameClockIsNews", entry(7, 1, "a"), kAnn, entry(7, 1, nullptr),
                  "7:2=gone"},
        ClockRule{"GoneAtAnOlderClockIsNot", entry(7, 2, "a"), kAnn, entry(7, 1, nullptr), ""},
        ClockRule{"NobodyElseMakesOneGo", entry(7, 1, "a"), kBob, entry(7, 9, nullptr), ""},
        ClockRule{"NobodyElseSpeaksAtTheSameClock", entry(7, 1, "a"), kBob, entry(7, 1, "b"), ""},
        ClockRule{"NobodyElseRepeatsWhatItHeard", entry(7, 1, "a"), kBob, entry(7, 2, "a"), ""},
        ClockRule{"ANewerClockMovesItToItsSender", entry(7, 1, "a"), kBob, entry(7, 3, "b"),
                  "7:3=b"},
        ClockRule{"NobodyElseRunsFarAhead", entry(7, 1, "a"), kBob, entry(7, 5'000, "b"), ""},
        ClockRule{"AClockThatNoClientCountsToIsNone", entry(7, 1, "a"), kAnn,
                  entry(7, uint64_t{1} << 32, "b"), ""},
        ClockRule{"OneNeverSeenDoesNotGo", entry(8, 1, "a"), kAnn, entry(7, 1, nullptr), ""}),
    [](const auto& test) { return test.param.name; });

TEST_P(ClockRules, Hold) {
  const Limits limits;
  Presence presence(limits);
  const ClockRule& rule = GetParam();
  presence.submit(kAnn, {&rule.first, 1}, 0, 0);
  EXPECT_EQ(shown(presence.submit(rule.from, {&rule.second, 1}, 0, 0)), rule.told);
}

TEST(Presence, WhoLeavesTakesOnlyWhatItShows) {
  const Limits limits;
  Presence presence(limits);
  const auto ann = entry(1, 1, "ann"), bob = entry(2, 1, "bob");
  presence.submit(kAnn, {&ann, 1}, 0, 0);
  presence.submit(kBob, {&bob, 1}, 0, 0);
  EXPECT_EQ(shown(presence.leave(kAnn)), "1:2=gone");
  EXPECT_EQ(shown(presence.all()), "2:2=bob");
  EXPECT_EQ(shown(presence.leave(kAnn)), "");
}

TEST(Presence, WhatIsNotRenewedInItsTimeIsRemoved) {
  const Limits limits;
  Presence presence(limits);
  const auto first = entry(kClient, 1, "a"), renewed = entry(kClient, 3, "a");
  presence.submit(kAnn, {&first, 1}, 30'000, 0);
  EXPECT_EQ(shown(presence.expire(30'000)), "");
  presence.submit(kAnn, {&renewed, 1}, 30'000, 30'000);
  EXPECT_EQ(shown(presence.expire(60'000)), "");
  EXPECT_EQ(shown(presence.expire(60'001)), "7:3=gone");
}

TEST(Presence, OldNewsOfSomebodyGoneStaysOld) {
  const Limits limits;
  Presence presence(limits);
  const auto here = entry(kClient, 5, "a"), old = entry(kClient, 4, "a");
  presence.submit(kAnn, {&here, 1}, 0, 0);
  presence.leave(kAnn);
  EXPECT_EQ(shown(presence.submit(kBob, {&old, 1}, 0, 1'000)), "");
  presence.expire(70'000);  // by now it is forgotten
  EXPECT_EQ(shown(presence.submit(kBob, {&old, 1}, 0, 70'000)), "7:5=a");
}

TEST(Presence, AVersionTellsWhatChangedAfterIt) {
  const Limits limits;
  Presence presence(limits);
  const auto ann = entry(1, 1, "ann"), bob = entry(2, 1, "bob"), bob2 = entry(2, 3, "b");
  presence.submit(kAnn, {&ann, 1}, 0, 0);
  presence.submit(kBob, {&bob, 1}, 0, 0);
  const uint64_t seen = presence.version();
  EXPECT_EQ(shown(presence.since(seen)), "");
  presence.submit(kBob, {&bob2, 1}, 0, 0);
  presence.leave(kAnn);
  EXPECT_EQ(shown(presence.since(seen)), "1:2=gone 2:3=b");
}

TEST(Presence, IsBoundedPerEntryPerSessionAndPerRoom) {
  Limits limits;
  limits.presence_bytes = 4;
  limits.presence_per_session = 2;
  limits.presence_per_room = 3;
  Presence presence(limits);
  const auto large = entry(1, 1, "12345");
  EXPECT_EQ(shown(presence.submit(kAnn, {&large, 1}, 0, 0)), "");
  const freshet_presence three[] = {entry(1, 1, "a"), entry(2, 1, "b"), entry(3, 1, "c")};
  EXPECT_EQ(shown(presence.submit(kAnn, three, 0, 0)), "1:2=a 2:2=b");
  const freshet_presence more[] = {entry(4, 1, "d"), entry(5, 1, "e")};
  EXPECT_EQ(shown(presence.submit(kBob, more, 0, 0)), "4:2=d");
}

TEST(Presence, IsBoundedInBytesPerSessionAndPerRoom) {
  Limits limits;
  limits.presence_session_bytes = 6;
  limits.presence_room_bytes = 8;
  Presence presence(limits);
  const freshet_presence anns[] = {entry(1, 1, "1234"), entry(2, 1, "123"), entry(3, 1, "12")};
  EXPECT_EQ(shown(presence.submit(kAnn, anns, 0, 0)), "1:2=1234 3:2=12");
  const freshet_presence bobs[] = {entry(4, 1, "123"), entry(5, 1, "12"), entry(6, 1, "1")};
  EXPECT_EQ(shown(presence.submit(kBob, bobs, 0, 0)), "5:2=12");
  const auto shorter = entry(1, 3, "123");
  EXPECT_EQ(shown(presence.submit(kAnn, {&shorter, 1}, 0, 0)), "1:3=123");
  const auto fits_now = entry(6, 2, "1");
  EXPECT_EQ(shown(presence.submit(kBob, {&fits_now, 1}, 0, 0)), "6:3=1");
}

TEST(Presence, ThoseWhoLeftMakeRoomForOthers) {
  Limits limits;
  limits.presence_per_room = 1;
  Presence presence(limits);
  const auto ann = entry(1, 1, "a"), bob = entry(2, 1, "b");
  presence.submit(kAnn, {&ann, 1}, 0, 0);
  EXPECT_EQ(shown(presence.submit(kBob, {&bob, 1}, 0, 0)), "");
  presence.leave(kAnn);
  EXPECT_EQ(shown(presence.submit(kBob, {&bob, 1}, 0, 0)), "2:2=b");
}

// Clients count their own clock on from what they hear, so a clock must never be sent that they
// cannot send back.
TEST(Presence, AClockAtItsEndIsNotMovedOn) {
  const Limits limits;
  Presence presence(limits);
  const auto last = entry(1, UINT32_MAX, "a"), other = entry(1, UINT32_MAX, "b");
  EXPECT_EQ(shown(presence.submit(kAnn, {&last, 1}, 0, 0)), "1:4294967295=a");
  EXPECT_EQ(shown(presence.submit(kAnn, {&other, 1}, 0, 0)), "");
}

// ---- who comes back

// After a restart of the server: peers that are back too would pass over what they know.
TEST(Presence, WhoIsNewHereIsPassedOnOneClockLaterButForClockZero) {
  const Limits limits;
  Presence presence(limits);
  const freshet_presence two[] = {entry(1, 0, "{}"), entry(2, 9, "a")};
  EXPECT_EQ(shown(presence.submit(kAnn, two, 0, 0)), "1:0={} 2:10=a");
}

TEST(Presence, OneWhoIsBackGetsAgainWhatItMayHaveHeardBefore) {
  const Limits limits;
  Presence presence(limits);
  const auto ann = entry(1, 1, "ann"), ann2 = entry(1, 2, "ann"), bob = entry(2, 1, "bob");
  presence.submit(kAnn, {&ann, 1}, 30'000, 0);
  presence.submit(kAnn, {&ann2, 1}, 30'000, 0);  // it has heard that it is at 2
  presence.submit(kBob, {&bob, 1}, 30'000, 0);
  EXPECT_EQ(presence.was_here_until(2, kBob), std::nullopt) << "it is here, as itself";
  presence.leave(kBob);
  const auto until = presence.was_here_until(2, kBob + 1);
  ASSERT_TRUE(until);
  const Presence::Again again = presence.again_for(kBob + 1, *until);
  EXPECT_EQ(shown(again.all), "1:3=ann");
  EXPECT_EQ(shown(again.moved), "1:3=ann") << "its owner must hear of it";
  EXPECT_TRUE(presence.again_for(kBob + 1, *until).all.empty()) << "news for all who left then";
}

TEST(Presence, TwoWhoAreBackAtOnceBothGetAgainWhatTheyMayHaveHeardBefore) {
  const Limits limits;
  Presence presence(limits);
  const auto ann = entry(1, 1, "ann"), ann2 = entry(1, 2, "ann");
  presence.submit(kAnn, {&ann, 1}, 30'000, 0);
  presence.submit(kAnn, {&ann2, 1}, 30'000, 0);
  const uint64_t both_know = presence.version();
  EXPECT_EQ(shown(presence.again_for(kBob, both_know, both_know).all), "1:3=ann");
  EXPECT_EQ(shown(presence.again_for(kBob + 1, presence.version(), both_know).all), "1:3=ann");
}

TEST(Presence, NobodyIsMovedTwiceBeforeItHasHeardOfTheFirst) {
  const Limits limits;
  Presence presence(limits);
  const auto ann = entry(1, 1, "ann"), heard = entry(1, 2, "ann");
  presence.submit(kAnn, {&ann, 1}, 30'000, 0);
  const auto again = presence.again_for(kBob, presence.version());
  EXPECT_EQ(shown(again.all), "1:2=ann") << "as it was told already";
  EXPECT_TRUE(again.moved.empty());
  presence.submit(kAnn, {&heard, 1}, 30'000, 0);
  EXPECT_EQ(shown(presence.again_for(kBob, presence.version()).moved), "1:3=ann");
}

// A client that was moved renews itself later than it would have, and to us alone at first.
TEST(Presence, WhoConfirmedItsClockIsToldToOthersBeforeTheyForgetIt) {
  const Limits limits;
  Presence presence(limits);
  const auto ann = entry(1, 1, "ann"), heard = entry(1, 2, "ann"), moved = entry(1, 3, "ann");
  presence.submit(kAnn, {&ann, 1}, 30'000, 0);
  presence.submit(kAnn, {&heard, 1}, 30'000, 1);
  presence.again_for(kBob, presence.version());
  presence.submit(kAnn, {&moved, 1}, 30'000, 14'000);
  EXPECT_EQ(shown(presence.expire(14'999)), "");
  const auto told = presence.expire(15'000);
  EXPECT_EQ(shown(told), "1:3=ann");
  EXPECT_TRUE(told.at(0).renewed);
  EXPECT_EQ(shown(presence.expire(30'000)), "") << "it has not renewed itself since";
  EXPECT_EQ(shown(presence.expire(44'001)), "1:3=gone");
}

TEST(Presence, OneWhoDidNotHearThatItWasMovedComesBackAllTheSame) {
  const Limits limits;
  Presence presence(limits);
  const auto ann = entry(1, 1, "ann"), older = entry(1, 0, "ann");
  presence.submit(kAnn, {&ann, 1}, 30'000, 0);
  EXPECT_EQ(shown(presence.leave(kAnn)), "1:2=gone");
  EXPECT_EQ(shown(presence.submit(kBob, {&older, 1}, 30'000, 0)), "") << "that is older";
  EXPECT_EQ(shown(presence.submit(kBob, {&ann, 1}, 30'000, 0)), "") << "not its first word";
  EXPECT_EQ(shown(presence.submit(kBob + 1, {&ann, 1}, 30'000, 0)), "1:3=ann");
}

// Clients repeat what they hear of others, and may show nothing themselves: two of them would send
// each other one who has gone, one clock later each time.
TEST(Presence, OneWhoHasGoneIsNotBroughtBackByWhoRepeatsIt) {
  const Limits limits;
  Presence presence(limits);
  const auto bob = entry(2, 1, "bob"), repeated = entry(1, 2, "ann"), ann = entry(1, 1, "ann");
  presence.submit(kBob, {&bob, 1}, 30'000, 0);
  presence.claim(kBob + 1, bob);
  presence.submit(kBob + 1, {&bob, 1}, 30'000, 0);  // back early: it shows nothing yet
  presence.submit(kAnn, {&ann, 1}, 30'000, 0);
  EXPECT_EQ(shown(presence.leave(kAnn)), "1:2=gone");
  EXPECT_EQ(shown(presence.submit(kBob + 1, {&repeated, 1}, 30'000, 0)), "");
}

// Its old connection is dead, and the server does not know yet.
TEST(Presence, OneWhoIsBackEarlyStaysWhenItsOldConnectionEnds) {
  const Limits limits;
  Presence presence(limits);
  const auto ann = entry(1, 1, "ann"), own = entry(2, 1, "bob");
  presence.submit(kAnn, {&ann, 1}, 30'000, 0);
  presence.claim(kBob, ann);
  EXPECT_EQ(shown(presence.leave(kAnn)), "");
  EXPECT_EQ(shown(presence.all()), "1:2=ann");
  EXPECT_EQ(shown(presence.leave(kBob)), "1:2=gone");

  presence.submit(kAnn, {&ann, 1}, 30'000, 0);
  presence.claim(kBob, ann);
  presence.submit(kBob, {&own, 1}, 30'000, 0);
  EXPECT_EQ(shown(presence.leave(kAnn)), "1:3=gone") << "Bob is somebody else";
  presence.submit(kAnn, {&ann, 1}, 30'000, 0);
  presence.claim(kBob + 1, ann);
  presence.leave(kBob + 1);
  EXPECT_EQ(shown(presence.leave(kAnn)), "1:4=gone") << "its heir has gone before";
}

// ---- what the room itself shows

TEST(Presence, WhatTheRoomShowsIsNobodyElses) {
  const Limits limits;
  Presence presence(limits);
  const auto shown_first = presence.show(kAnn, kClient, "{}", 0);
  ASSERT_TRUE(shown_first);
  EXPECT_TRUE(shown_first->arrived);
  const freshet_presence taken[] = {entry(kClient, 2, "mine"), entry(kClient, 5, nullptr)};
  EXPECT_EQ(shown(presence.submit(kBob, taken, 0, 0)), "");
  const auto again = presence.show(kAnn, kClient, "{\"a\":1}", 0);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->arrived);
  EXPECT_EQ(shown({*again}), "7:2={\"a\":1}");
  presence.leave(kAnn);
  EXPECT_EQ(shown(presence.submit(kBob, {taken, 1}, 0, 0)), "") << "gone, and still not Bob's";
}

TEST(Presence, WhatTheRoomShowsIsNobodyElsesAtAnotherNodeEither) {
  const Limits limits;
  Presence presence(limits);
  ASSERT_TRUE(presence.show(kAnn, kClient, "{}", 20'000));
  const MemberId other = (uint64_t{1} << 63) + 5;
  const auto heard = [&](uint64_t clock, const char* json) {
    PresenceNews news;
    static_cast<freshet_presence&>(news) = entry(kClient, clock, json);
    return presence.hear(other, news, true, 20'000);
  };
  EXPECT_FALSE(heard(4, "{}"));
  EXPECT_TRUE(presence.is_shown_by_us(kClient));
  ASSERT_TRUE(presence.to_be_said_after(kClient, 4));
  EXPECT_EQ(shown({presence.show_after(kClient, 4)}), "7:5={}")
      << "later than the other node has it";
  EXPECT_FALSE(presence.to_be_said_after(kClient, 4));
  EXPECT_FALSE(heard(5, nullptr)) << "nor does it go there";
  EXPECT_EQ(presence.all().size(), 1u);
  EXPECT_EQ(shown(presence.leave(kAnn)).substr(0, 2), "7:");
}

TEST(Presence, WhatTheRoomShowsIsRenewedBeforeClientsForgetIt) {
  const Limits limits;
  Presence presence(limits);
  ASSERT_TRUE(presence.show(kAnn, kClient, "{}", 0));
  EXPECT_EQ(shown(presence.expire(14'999)), "");
  const auto renewed = presence.expire(15'000);
  EXPECT_EQ(shown(renewed), "7:2={}");
  EXPECT_TRUE(renewed.at(0).renewed);
  EXPECT_EQ(shown(presence.expire(15'001)), "");
}

TEST(Presence, TellsAnArrivalFromAChangeFromARenewal) {
  const Limits limits;
  Presence presence(limits);
  const auto first = entry(1, 1, "a"), renewed = entry(1, 3, "a"), changed = entry(1, 4, "b");
  const uint64_t before = presence.version();
  EXPECT_TRUE(presence.submit(kAnn, {&first, 1}, 0, 0).at(0).arrived);
  EXPECT_TRUE(presence.since(before).at(0).arrived);
  const uint64_t between = presence.version();
  const auto again = presence.submit(kAnn, {&renewed, 1}, 0, 0);
  EXPECT_TRUE(again.at(0).renewed && !again.at(0).arrived);
  EXPECT_EQ(again.at(0).from, kAnn);
  const auto other = presence.submit(kAnn, {&changed, 1}, 0, 0);
  EXPECT_TRUE(!other.at(0).renewed && !other.at(0).arrived);
  EXPECT_FALSE(presence.since(between).at(0).arrived);
  EXPECT_EQ(presence.leave(kAnn).at(0).from, kAnn);
}

// ---- as peers see it

TEST(Presence, PeersSeeEachOtherAndAJoinerSeesAll) {
  World world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  ann.show("{\"n\":\"ann\"}");
  bob.show("{\"n\":\"bob\"}");
  world.settle();
  EXPECT_EQ(ann.present()[bob.id()], "{\"n\":\"bob\"}");
  SimClient& cleo = world.join("cleo");
  world.settle();
  EXPECT_EQ(cleo.present()[ann.id()], "{\"n\":\"ann\"}");
  EXPECT_EQ(cleo.present().size(), 3u) << "itself included";
}

TEST(Presence, AClosedConnectionIsGoneForItsPeersAtOnce) {
  World world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  bob.show("{}");
  world.settle();
  ASSERT_EQ(ann.present().count(bob.id()), 1u);
  bob.go_offline();
  world.run_ms(3);  // there and here: nothing waits for a tick
  EXPECT_EQ(ann.present().count(bob.id()), 0u);
}

TEST(Presence, OneWhoFellSilentIsGoneAfterTheTimeout) {
  World world;
  SimClient& ann = world.join("ann");
  SimClient& mute = world.join("mute");
  // By hand, so that nothing renews it: awareness of one, clock 1, {}.
  mute.send(std::vector<uint8_t>{1, 6, 1, 42, 1, 2, '{', '}'});
  world.settle();
  ASSERT_EQ(ann.present().count(42), 1u);
  world.run_ms(25'000);
  EXPECT_EQ(ann.present().count(42), 1u);
  world.run_ms(7'000);
  EXPECT_EQ(ann.present().count(42), 0u);
}

TEST(Presence, AReturningClientIsNotRemovedWithItsOldConnection) {
  World world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  bob.show("{\"n\":1}");
  world.settle();
  bob.lose_connection(20 * kSecond);  // the server notices late
  ASSERT_TRUE(world.run_until([&] { return bob.synced(); }));
  bob.show("{\"n\":2}");
  world.run_ms(25'000);
  EXPECT_EQ(ann.present()[bob.id()], "{\"n\":2}");
}

TEST(Presence, AClientThatIsBackWithItsOldClockIsSeenAgain) {
  World world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  bob.show("{\"n\":1}");
  world.settle();
  bob.go_offline();
  world.settle();
  bob.go_online();
  world.settle();
  EXPECT_EQ(ann.present().count(bob.id()), 1u);
}

// Names of those whom a client sees, itself included, in order.
std::string names(const SimClient& client) {
  std::multiset<std::string> sorted;
  for (const auto& [id, json] : client.present()) sorted.insert(json);
  std::string out;
  for (const std::string& name : sorted) out += name;
  return out;
}

struct Trio : World {
  Trio() {
    for (const char* name : {"ann", "bob", "cleo"}) {
      clients.push_back(&join(ClientOptions{.name = name, .passes_presence_on = true}));
      clients.back()->show(std::string("\"") + name + "\"");
      settle();
    }
  }
  void expect_complete(const std::string& when) {
    for (const SimClient* client : clients) {
      EXPECT_EQ(names(*client), R"("ann""bob""cleo")") << client->options().name << ' ' << when;
    }
  }
  std::vector<SimClient*> clients;
};

TEST(Presence, IsCompleteBothWaysAsSoonAsAClientIsBack) {
  Trio world;
  world.expect_complete("at first");
  for (int round = 0; round < 3; ++round) {
    world.clients[1]->go_offline();
    world.settle();
    world.clients[1]->go_online();
    world.run_ms(100);
    world.expect_complete("after a blip");
  }
}

TEST(Presence, IsCompleteAsSoonAsAllAreBackAfterARestart) {
  Trio world;
  for (int round = 0; round < 3; ++round) {
    world.kill();
    world.run_ms(300);
    world.start();
    ASSERT_TRUE(world.run_until([&] {
      return std::ranges::all_of(world.clients, [](const auto* c) { return c->synced(); });
    }));
    world.run_ms(100);
    world.expect_complete("after a restart");
  }
}

TEST(Presence, IsCompleteForOneWhoIsBackBeforeItsOldConnectionIsKnownToBeDead) {
  Trio world;
  SimClient& bob = *world.clients[1];
  bob.lose_connection(3 * kSecond);
  ASSERT_TRUE(world.run_until([&] { return bob.synced(); }));
  world.run_ms(100);
  world.expect_complete("while its old connection is there");
  world.run_ms(4'000);
  world.expect_complete("when that has ended");
}

// What is said while the owner hears that it was moved on is neither lost nor undone.
TEST(Presence, AChangeThatCrossesWithAMoveHolds) {
  Trio world;
  SimClient &ann = *world.clients[0], &bob = *world.clients[1];
  bob.go_offline();
  world.settle();
  bob.go_online();
  for (int i = 0; i < 40; ++i) {
    ann.show("\"" + std::to_string(i) + "\"");
    world.run_ms(1);
  }
  world.settle();
  for (const SimClient* client : world.clients) {
    EXPECT_EQ(names(*client), R"("39""bob""cleo")") << client->options().name;
  }
}

TEST(Presence, JsonThatIsNoneClosesItsSender) {
  World world;
  SimClient& ann = world.join("ann");
  SimClient& evil = world.join("evil");
  evil.send(std::vector<uint8_t>{1, 6, 1, 42, 1, 2, '{', 'x'});
  world.settle();
  EXPECT_EQ(evil.close_code(), 4400);
  EXPECT_EQ(ann.present().count(42), 0u);
}

}  // namespace
}  // namespace freshet::sim
