// Short texts take a way of their own into a document. Whatever comes, it ends as it would have on
// the general way, which an update takes when its changes are asked for.
#include <gtest/gtest.h>

#include "fixtures.h"
#include "freshet/format/codec.h"

namespace freshet::crdt {
namespace {

// Two documents that are the same but for the way their updates take.
class Pair {
 public:
  explicit Pair(const std::vector<Buffer>& history = {}) {
    for (const Buffer& update : history) {
      EXPECT_TRUE(quick_.apply(update));
      EXPECT_TRUE(apply_generally(update));
    }
  }

  // True if both say the same of the update and are the same after it.
  ::testing::AssertionResult agree_on(const Buffer& update) {
    const Result<Applied> quick = quick_.apply(update);
    const Result<Applied> general = apply_generally(update);
    if (quick.status() != general.status()) return differ("status", update);
    if (quick && (quick->changed != general->changed || quick->canonical != general->canonical ||
                  quick->parked != general->parked || quick->authors != general->authors ||
                  quick->author != general->author || quick->whole != general->whole)) {
      return differ("outcome", update);
    }
    if (quick_.stats().last_scan_steps != general_.stats().last_scan_steps) {
      return differ("steps", update);
    }
    if (state_of(quick_) != state_of(general_)) return differ("state", update);
    return ::testing::AssertionSuccess();
  }

  const Doc& quick() const { return quick_; }

 private:
  Result<Applied> apply_generally(const Buffer& update) {
    Buffer changes;
    return general_.apply(update, changes);
  }
  static ::testing::AssertionResult differ(const char* what, const Buffer& update) {
    return ::testing::AssertionFailure() << what << " of " << to_hex(update);
  }

  Doc quick_;
  Doc general_;
};

constexpr uint64_t kAnn = 4'000'000'001;
constexpr uint64_t kBob = 4'000'000'002;

struct Ref {
  uint64_t client;
  uint64_t clock;
};

// One string of `client` at `clock`; without an origin it starts root "t".
Buffer typed(uint64_t client, uint64_t clock, const Ref* origin, const Ref* right,
             std::string_view text) {
  Buffer bytes;
  Writer out(bytes);
  out.varuint(1);
  out.varuint(1);
  out.varuint(client);
  out.varuint(clock);
  out.u8(static_cast<uint8_t>(4 | (origin ? 0x80 : 0) | (right ? 0x40 : 0)));
  for (const Ref* ref : {origin, right}) {
    if (ref == nullptr) continue;
    out.varuint(ref->client);
    out.varuint(ref->clock);
  }
  if (origin == nullptr && right == nullptr) {
    out.varuint(1);
    out.string("t");
  }
  out.string(text);
  out.varuint(0);
  return bytes;
}
Buffer behind(uint64_t client, uint64_t clock, Ref origin, std::string_view text) {
  return typed(client, clock, &origin, nullptr, text);
}
Buffer between(uint64_t client, uint64_t clock, Ref origin, Ref right, std::string_view text) {
  return typed(client, clock, &origin, &right, text);
}

// Ann wrote "abc", then Bob "x" behind the b.
std::vector<Buffer> two_people() {
  return {typed(kAnn, 0, nullptr, nullptr, "a"), behind(kAnn, 1, {kAnn, 0}, "b"),
          behind(kAnn, 2, {kAnn, 1}, "c"), between(kBob, 0, {kAnn, 1}, {kAnn, 2}, "x")};
}

TEST(Keystroke, OfEveryKindEndsAsItWouldOnTheGeneralWay) {
  const std::vector<Buffer> updates = {
      behind(kAnn, 3, {kAnn, 2}, "d"),                 // at the end
      behind(kBob, 1, {kBob, 0}, "y"),                 // behind the own, another's to the right
      between(kBob, 1, {kBob, 0}, {kAnn, 2}, "y"),     // the same, as Yjs writes it
      between(kBob, 1, {kAnn, 0}, {kAnn, 1}, "y"),     // in the middle
      between(kBob, 1, {kAnn, 1}, {kAnn, 2}, "y"),     // where Bob was first
      between(kAnn, 3, {kAnn, 1}, {kAnn, 2}, "y"),     // where Bob was first, by Ann
      behind(kBob, 1, {kAnn, 2}, "\xd0\xb6"),          // one letter of two bytes
      behind(kBob, 1, {kAnn, 2}, "\xf0\x9f\x98\x80"),  // two units
      behind(kBob, 1, {kAnn, 2}, "several letters"),
      behind(kBob, 1, {kAnn, 2}, ""),
      behind(kBob, 1, {kAnn, 2}, "\xff"),           // not UTF-8
      behind(kBob, 1, {kBob, 1}, "y"),              // behind itself
      between(kBob, 1, {kBob, 0}, {kBob, 1}, "y"),  // before itself
      behind(kBob, 0, {kAnn, 1}, "x"),              // once more
      behind(kBob, 0, {kAnn, 1}, "xy"),             // once more and more
      behind(kBob, 2, {kBob, 1}, "z"),              // too early
      behind(kBob, 1, {kAnn, 7}, "y"),              // behind what is not here
      between(kBob, 1, {kAnn, 2}, {kAnn, 7}, "y"),  // before what is not here
      between(kBob, 1, {kAnn, 2}, {kAnn, 0}, "y"),  // the wrong way round
      behind(kBob, 1, {77, 0}, "y"),                // behind somebody unknown
      behind(99, 0, {kAnn, 2}, "y"),                // by somebody unknown
      behind(kBob, 0xffff'ffff, {kAnn, 2}, "y"),
      behind(kBob, 1, {kAnn, 0xffff'ffff}, "y"),
  };
  for (const Buffer& update : updates) {
    Pair pair(two_people());
    EXPECT_TRUE(pair.agree_on(update));
    EXPECT_TRUE(pair.agree_on(behind(kAnn, 3, {kAnn, 2}, "!"))) << to_hex(update);
  }
}

TEST(Keystroke, WithAnyByteOfItChangedEndsAsItWouldOnTheGeneralWay) {
  const Buffer update = between(kBob, 1, {kBob, 0}, {kAnn, 2}, "y");
  for (size_t at = 0; at < update.size(); ++at) {
    for (const int change : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      Buffer changed = update;
      changed[at] = static_cast<uint8_t>(changed[at] ^ change);
      EXPECT_TRUE(Pair(two_people()).agree_on(changed));
    }
    const Buffer shorter(update.begin(), update.begin() + static_cast<ptrdiff_t>(at));
    EXPECT_TRUE(Pair(two_people()).agree_on(shorter));
    Buffer longer = update;
    longer.insert(longer.begin() + static_cast<ptrdiff_t>(at), uint8_t{0x80});
    EXPECT_TRUE(Pair(two_people()).agree_on(longer));
  }
}

TEST(Keystroke, InTextThatIsGoneEndsAsItWouldOnTheGeneralWay) {
  // Bob's x, then all of Ann's letters, are deleted.
  Buffer deletion;
  Writer out(deletion);
  for (const uint64_t number : {uint64_t{0}, uint64_t{2}, kBob, uint64_t{1}, uint64_t{0},
                                uint64_t{1}, kAnn, uint64_t{1}, uint64_t{0}, uint64_t{3}}) {
    out.varuint(number);
  }
  std::vector<Buffer> history = two_people();
  history.push_back(deletion);
  Pair pair(history);
  EXPECT_TRUE(pair.agree_on(between(kBob, 1, {kBob, 0}, {kAnn, 2}, "y")));
  EXPECT_TRUE(pair.agree_on(between(kBob, 2, {kBob, 1}, {kAnn, 2}, "z")));
  EXPECT_TRUE(pair.agree_on(behind(kAnn, 3, {kAnn, 2}, "d")));
  EXPECT_EQ(text_of(pair.quick(), "t"), "yzd");
}

TEST(Keystroke, RecordedHistoriesEndAsTheyWouldOnTheGeneralWay) {
  for (const Fixture& fixture : read_fixtures()) {
    Pair pair;
    for (const Buffer& update : fixture.updates) {
      ASSERT_TRUE(pair.agree_on(update)) << fixture.name;
    }
  }
}

}  // namespace
}  // namespace freshet::crdt
