// What waits to be written: order, bounds of a gathering write, and what may be dropped.
#include "platform-ws/outbox.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "platform-ws/limits.h"

namespace freshet::ws::testing {
namespace {

class Body {
 public:
  explicit Body(std::string_view text) : body_(SharedBody::create(text.size())) {
    std::copy(text.begin(), text.end(), body_->data);
  }
  Body(const Body&) = delete;
  ~Body() { SharedBody::unref(body_); }
  SharedBody* get() const { return body_; }
  uint32_t references() const { return body_->references.load(); }

 private:
  SharedBody* const body_;
};

std::string gathered(const Outbox& outbox, size_t most = kMaxGather) {
  std::vector<iovec> pieces(most);
  pieces.resize(outbox.gather(pieces));
  std::string out;
  for (const iovec& piece : pieces) out.append(static_cast<char*>(piece.iov_base), piece.iov_len);
  return out;
}

TEST(Outbox, GathersHeadTailAndBodyInOrder) {
  const Body large(std::string(kInlineBodyBytes + 1, 'B')), small("b");
  Outbox outbox;
  outbox.push(as_bytes("h1"), as_bytes("t1"), large.get());
  outbox.push(as_bytes("h2"), as_bytes("t2"), small.get());
  outbox.push(as_bytes("h3"), {}, nullptr);
  const std::string wanted = "h1t1" + std::string(kInlineBodyBytes + 1, 'B') + "h2t2bh3";
  EXPECT_EQ(gathered(outbox), wanted);
  EXPECT_EQ(outbox.bytes(), wanted.size());
  EXPECT_EQ(large.references(), 2u);  // shared...
  EXPECT_EQ(small.references(), 1u);  // ...or copied
}

TEST(Outbox, NeighboursThatAreCopiedBecomeOnePiece) {
  Outbox outbox;
  for (int i = 0; i < 1000; ++i) outbox.push(as_bytes("head"), as_bytes("tail"), nullptr);
  std::array<iovec, 4> pieces;
  EXPECT_EQ(outbox.gather(pieces), 1u);
  EXPECT_EQ(pieces[0].iov_len, 8000u);
}

TEST(Outbox, GatheringStopsAtTheBound) {
  const Body body(std::string(1000, 'x'));
  Outbox outbox;
  for (int i = 0; i < 10; ++i) outbox.push(as_bytes("h"), {}, body.get());
  EXPECT_EQ(gathered(outbox, 3).size(), 1 + 1000 + 1u);
}

TEST(Outbox, ReleasesABodyWhenItsLastByteHasLeft) {
  const Body body(std::string(1000, 'x'));
  Outbox outbox;
  outbox.push(as_bytes("h"), {}, body.get());
  outbox.consume(1000);
  EXPECT_EQ(body.references(), 2u);
  outbox.consume(1);
  EXPECT_EQ(body.references(), 1u);
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, ReleasesEverythingWhenItGoes) {
  const Body body(std::string(1000, 'x'));
  {
    Outbox outbox;
    outbox.push({}, {}, body.get());
    outbox.push({}, {}, body.get());
    EXPECT_EQ(body.references(), 3u);
  }
  EXPECT_EQ(body.references(), 1u);
}

TEST(Outbox, DroppingKeepsTheMessageThatHasBegunToLeave) {
  const Body body(std::string(1000, 'x'));
  for (const size_t gone : {1u, 2u, 3u, 500u, 1001u}) {
    Outbox outbox;
    outbox.push(as_bytes("h1"), {}, body.get());
    outbox.push(as_bytes("h2"), {}, body.get());
    outbox.push(as_bytes("h3"), {}, nullptr);
    outbox.consume(gone);
    outbox.drop_unstarted();
    EXPECT_EQ(outbox.bytes(), 1002 - gone);
    outbox.push(as_bytes("close"), {}, nullptr);
    EXPECT_EQ(gathered(outbox), ("h1" + std::string(1000, 'x') + "close").substr(gone));
    EXPECT_EQ(body.references(), 2u);
  }
}

TEST(Outbox, DroppingBetweenMessagesDropsAll) {
  Outbox outbox;
  outbox.push(as_bytes("one"), {}, nullptr);
  outbox.push(as_bytes("two"), {}, nullptr);
  outbox.consume(3);
  outbox.drop_unstarted();
  EXPECT_TRUE(outbox.empty());
  outbox.push(as_bytes("three"), {}, nullptr);
  EXPECT_EQ(gathered(outbox), "three");
}

TEST(Outbox, WhatLeavesInAnyPortionsIsWhatWasPushed) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    Outbox outbox;
    std::string pushed, left;
    char next = 'a';
    const auto text = [&](size_t most) {
      next = next == 'z' ? 'a' : static_cast<char>(next + 1);
      return std::string(random() % most, next);
    };
    for (int i = 0; i < 2000; ++i) {
      const std::string head = text(12), tail = text(40), shared = text(random() % 8 ? 200 : 9000);
      const Body body(shared);
      outbox.push(as_bytes(head), as_bytes(tail), body.get());
      pushed += head + tail + shared;
      const std::string now = gathered(outbox, 1 + random() % 8);
      std::string peeked(now.size(), '\0');
      EXPECT_EQ(outbox.peek({reinterpret_cast<uint8_t*>(peeked.data()), peeked.size()}),
                now.size());
      EXPECT_EQ(peeked, now);
      const size_t portion = random() % (now.size() + 1);
      left += now.substr(0, portion);
      outbox.consume(portion);
      ASSERT_EQ(outbox.bytes(), pushed.size() - left.size());
    }
    while (!outbox.empty()) {
      const std::string now = gathered(outbox);
      left += now;
      outbox.consume(now.size());
    }
    EXPECT_EQ(left, pushed);
  }
}

}  // namespace
}  // namespace freshet::ws::testing
