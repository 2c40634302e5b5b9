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

std::string peeked(Outbox& outbox, size_t most) {
  std::string out(most, '\0');
  out.resize(outbox.peek({reinterpret_cast<uint8_t*>(out.data()), out.size()}));
  return out;
}

// ---- what is urgent

TEST(Outbox, AnUrgentMessagePassesBeforeAllThatHasNotBegunToLeave) {
  const Body body(std::string(1000, 'x'));
  const std::string first = "h1" + std::string(1000, 'x');
  for (const size_t gone : {0u, 1u, 2u, 3u, 500u, 1001u, 1002u}) {
    Outbox outbox;
    outbox.push(as_bytes("h1"), {}, body.get());
    outbox.push(as_bytes("h2"), {}, body.get());
    outbox.push(as_bytes("h3"), {}, nullptr);
    outbox.consume(gone);
    EXPECT_TRUE(outbox.push_urgent(as_bytes("pong"), as_bytes("1")));
    EXPECT_TRUE(outbox.push_urgent(as_bytes("pong"), as_bytes("2")));
    const std::string rest = "h2" + std::string(1000, 'x') + "h3";
    const std::string wanted =
        gone == 0 ? "pong1pong2" + first + rest : first.substr(gone) + "pong1pong2" + rest;
    EXPECT_EQ(gathered(outbox), wanted) << gone;
    EXPECT_EQ(outbox.bytes(), wanted.size());
  }
}

TEST(Outbox, NothingCutsIntoAnUrgentMessageEither) {
  Outbox outbox;
  outbox.push(as_bytes("bulk"), {}, nullptr);
  outbox.push_urgent(as_bytes("pong1"), {});
  outbox.consume(2);
  outbox.push(as_bytes("more"), {}, nullptr);
  outbox.push_urgent(as_bytes("pong2"), {});
  EXPECT_EQ(gathered(outbox), "ng1pong2bulkmore");
  outbox.consume(10);
  outbox.push_urgent(as_bytes("pong3"), {});
  EXPECT_EQ(gathered(outbox), "lkpong3more");
}

TEST(Outbox, OnlySoMuchIsUrgent) {
  const std::string half(kMaxUrgentBytes / 2, 'u');
  Outbox outbox;
  outbox.push(as_bytes("bulk"), {}, nullptr);
  EXPECT_TRUE(outbox.push_urgent(as_bytes(half), {}));
  EXPECT_TRUE(outbox.push_urgent({}, as_bytes(half)));
  EXPECT_FALSE(outbox.push_urgent(as_bytes("u"), {}));
  EXPECT_EQ(outbox.bytes(), kMaxUrgentBytes + 4) << "what is refused is not queued either";
  outbox.consume(1);
  EXPECT_TRUE(outbox.push_urgent(as_bytes("u"), {}));
}

// A TLS write that was interrupted has encrypted what it was shown, and asks for the same again.
TEST(Outbox, WhatAPeekHasShownKeepsItsPlace) {
  Outbox outbox;
  outbox.push(as_bytes("one"), {}, nullptr);
  outbox.push(as_bytes("two"), {}, nullptr);
  EXPECT_EQ(peeked(outbox, 4), "onet");
  outbox.push_urgent(as_bytes("pong"), {});
  EXPECT_EQ(peeked(outbox, 6), "onetwo");
  outbox.consume(1);
  EXPECT_EQ(peeked(outbox, 20), "nepongtwo");
}

TEST(Outbox, DroppingKeepsAnUrgentMessageThatHasBegunToLeave) {
  Outbox outbox;
  outbox.push(as_bytes("bulk"), {}, nullptr);
  outbox.push_urgent(as_bytes("pong1"), {});
  outbox.push_urgent(as_bytes("pong2"), {});
  outbox.consume(1);
  outbox.drop_unstarted();
  EXPECT_EQ(gathered(outbox), "ong1");
  EXPECT_EQ(outbox.bytes(), 4u);
  outbox.consume(4);
  outbox.push_urgent(as_bytes("pong3"), {});
  outbox.push(as_bytes("bulk"), {}, nullptr);
  outbox.drop_unstarted();
  EXPECT_TRUE(outbox.empty());
  EXPECT_TRUE(outbox.push_urgent(as_bytes(std::string(kMaxUrgentBytes, 'u')), {}));
}

// Messages say their length, as frames do, so that a reader sees whether they came whole.
TEST(Outbox, UrgentOrNotEveryMessageLeavesWholeAndInOrderAmongItsKind) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    Outbox outbox;
    std::string left;
    size_t bulk = 0, urgent = 0;
    const auto message = [&](char kind, size_t number) {
      const std::string text =
          kind + std::to_string(number) + std::string(random() % (kind == 'b' ? 700 : 60), '.');
      return std::to_string(text.size()) + ":" + text;
    };
    for (int i = 0; i < 1000; ++i) {
      if (random() % 4 == 0) {
        urgent += outbox.push_urgent({}, as_bytes(message('u', urgent))) ? 1 : 0;
      } else {
        const std::string text = message('b', bulk++);
        const size_t cut = random() % text.size();
        const Body body(text.substr(cut));
        outbox.push(as_bytes(text.substr(0, cut)), {}, body.get());
      }
      const std::string now =
          random() % 2 == 0 ? peeked(outbox, random() % 900) : gathered(outbox, 1 + random() % 8);
      if (random() % 3 == 0) continue;
      const size_t portion = random() % (now.size() + 1);
      left += now.substr(0, portion);
      outbox.consume(portion);
    }
    while (!outbox.empty()) {
      left += gathered(outbox);
      outbox.consume(gathered(outbox).size());
    }
    size_t next_bulk = 0, next_urgent = 0;
    for (std::string_view rest = left; !rest.empty();) {
      const size_t colon = rest.find(':'), size = std::stoul(std::string(rest.substr(0, colon)));
      const std::string_view text = rest.substr(colon + 1, size);
      ASSERT_EQ(text.size(), size);
      size_t& next = text[0] == 'b' ? next_bulk : next_urgent;
      ASSERT_TRUE(text.substr(1).starts_with(std::to_string(next++))) << text;
      rest.remove_prefix(colon + 1 + size);
    }
    EXPECT_EQ(next_bulk, bulk);
    EXPECT_EQ(next_urgent, urgent);
  }
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
