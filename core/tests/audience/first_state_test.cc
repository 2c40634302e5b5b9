// Who comes while many others do is given what they were given, and what is missing in it.
#include "core/audience/audience.h"
#include "core/tests/audience/audience_parts.h"

namespace freshet::sim {
namespace {

constexpr size_t kLong = 100;

// As clients have it that were sent these as updates and first states.
std::string document_of(const std::vector<std::string>& messages) {
  crdt::Doc doc;
  for (const std::string& each : messages) {
    EXPECT_TRUE(doc.apply(as_bytes(std::string_view(each).substr(2)))) << each.substr(0, 2);
  }
  std::string text;
  doc.text("text", text);
  return text;
}

Limits short_turns() {
  Limits limits;
  limits.turn_bytes = kLong;
  return limits;
}

struct FirstStateTest : ::testing::Test, OneAudience {
  FirstStateTest() : OneAudience(short_turns()) {
    write(std::string(2 * kLong, 'x'));
    EXPECT_EQ(audience.send_diff(ann, FRESHET_DIFF, {}), Status::ok);
    ann_hears.messages.clear();
  }
  void TearDown() override { shard.settle(); }

  void write(const std::string& text) {
    freshet_applied applied{};
    const auto update = author.type({"text"}, author.length({"text"}), text);
    ASSERT_TRUE(residence.apply(FRESHET_UPDATE_V1, update, applied));
    residence.keep(update);
    shard.settle();
  }
  bool send_to(Member& to, uint8_t document = 0) {
    const Result<bool> sent = audience.send_first_state(to, {}, document);
    EXPECT_TRUE(sent);
    return sent && *sent;
  }
  std::string text() { return std::string(2 * kLong, 'x') + typed; }

  PlainWire other{1, FRESHET_SAVED_ECHO};
  Heard hears;
  std::string typed;
};

TEST_F(FirstStateTest, IsSharedByThoseWhoComeWhileSomebodyWrites) {
  write(typed = "!");
  const size_t before = wire.encoded();
  ASSERT_TRUE(send_to(ann));
  ASSERT_TRUE(send_to(bob));
  EXPECT_EQ(wire.encoded() - before, 1u) << "what is missing, once for both";
  EXPECT_EQ(ann_hears.messages, bob_hears.messages);
  ASSERT_EQ(ann_hears.messages.size(), 2u);
  EXPECT_LT(ann_hears.messages[0].size(), kLong) << "what is missing";
  EXPECT_TRUE(ann_hears.messages[0].starts_with(kind(FRESHET_UPDATE)));
  EXPECT_TRUE(ann_hears.messages[1].starts_with(kind(FRESHET_DIFF))) << "then it has all";
  EXPECT_EQ(document_of(ann_hears.messages), text());
}

TEST_F(FirstStateTest, IsAllOfItWhileNobodyWrites) {
  ASSERT_TRUE(send_to(ann));
  ASSERT_EQ(ann_hears.messages.size(), 1u);
  EXPECT_EQ(document_of(ann_hears.messages), text());
}

TEST_F(FirstStateTest, WaitsUntilWhatIsMissingInItIsSaved) {
  shard.store().hold(true);
  freshet_applied applied{};
  const auto update = author.type({"text"}, author.length({"text"}), typed = "!");
  ASSERT_TRUE(residence.apply(FRESHET_UPDATE_V1, update, applied));
  residence.keep(update);
  ASSERT_TRUE(send_to(ann));
  EXPECT_EQ(ann_hears.messages.size(), 0u);
  shard.store().hold(false);
  shard.settle();
  audience.send_saved();
  EXPECT_EQ(ann_hears.messages.size(), 2u);
  EXPECT_EQ(document_of(ann_hears.messages), text());
}

TEST_F(FirstStateTest, IsFollowedByWhatIsMissingForWhoOpensTheDocument) {
  bob.wants = 0;
  EXPECT_FALSE(send_to(bob)) << "who only asks would never hear the rest";
  EXPECT_FALSE(send_to(bob, FRESHET_DOCUMENT_KEPT)) << "no such word was said with it";
  ASSERT_EQ(audience.send_diff(bob, FRESHET_DIFF, {}, FRESHET_DOCUMENT_KEPT), Status::ok);
  bob_hears.messages.clear();
  write(typed = "!");
  ASSERT_TRUE(send_to(bob, FRESHET_DOCUMENT_KEPT));
  EXPECT_EQ(bob_hears.messages.size(), 1u);
  bob.wants = FRESHET_WANT_UPDATES;
  ASSERT_EQ(audience.begin_behind(bob, bob.opened), Status::ok);
  EXPECT_EQ(bob_hears.messages.size(), 2u);
  EXPECT_EQ(document_of(bob_hears.messages), text());
}

TEST_F(FirstStateTest, IsForOneWireAndForThoseWhoLackEverything) {
  EXPECT_FALSE(send_to(members.add(member(3, other.get(), hears))));
  const Result<StateVector> here = residence.state_vector();
  ASSERT_TRUE(here);
  EXPECT_FALSE(*audience.send_first_state(ann, here->bytes(), 0));
  EXPECT_TRUE(*audience.send_first_state(ann, std::vector<uint8_t>{0}, 0)) << "of no client";
}

TEST_F(FirstStateTest, GoesWhenNobodyAsksAndWhenItIsOld) {
  const uint64_t now_ms = shard.services().now_ms;
  audience.tick(now_ms);
  ASSERT_TRUE(send_to(ann)) << "it was just made";
  audience.tick(now_ms);
  audience.tick(now_ms);
  EXPECT_FALSE(send_to(ann)) << "nobody had asked for it between two ticks";
  ASSERT_EQ(audience.send_diff(ann, FRESHET_DIFF, {}), Status::ok);
  EXPECT_TRUE(send_to(ann));
  audience.tick(now_ms + 5'000);
  EXPECT_FALSE(send_to(ann));
}

TEST_F(FirstStateTest, OfAShortDocumentIsMadeForEach) {
  OneAudience small{Limits{}};
  ASSERT_EQ(small.audience.send_diff(small.ann, FRESHET_DIFF, {}), Status::ok);
  EXPECT_FALSE(*small.audience.send_first_state(small.bob, {}, 0));
}

}  // namespace
}  // namespace freshet::sim
