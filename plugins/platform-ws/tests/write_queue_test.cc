// What waits to be written: order, bounds of a gathering write, and what may be dropped.
#include "platform-ws/socket/write_queue.h"

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

std::string gathered(const WriteQueue& queue, size_t most = kMaxGather) {
  std::vector<iovec> pieces(most);
  pieces.resize(queue.gather(pieces));
  std::string out;
  for (const iovec& piece : pieces) out.append(static_cast<char*>(piece.iov_base), piece.iov_len);
  return out;
}

TEST(WriteQueue, GathersHeadTailAndBodyInOrder) {
  const Body large(std::string(kInlineBodyBytes + 1, 'B')), small("b");
  WriteQueue queue;
  queue.push(as_bytes("h1"), as_bytes("t1"), large.get());
  queue.push(as_bytes("h2"), as_bytes("t2"), small.get());
  queue.push(as_bytes("h3"), {}, nullptr);
  const std::string wanted = "h1t1" + std::string(kInlineBodyBytes + 1, 'B') + "h2t2bh3";
  EXPECT_EQ(gathered(queue), wanted);
  EXPECT_EQ(queue.bytes(), wanted.size());
  EXPECT_EQ(large.references(), 2u);  // shared...
  EXPECT_EQ(small.references(), 1u);  // ...or copied
}

TEST(WriteQueue, ManySmallMessagesAreFewPieces) {
  WriteQueue queue;
  for (int i = 0; i < 100'000; ++i) queue.push(as_bytes("head"), as_bytes("tail"), nullptr);
  std::array<iovec, kMaxGather> pieces;
  const size_t used = queue.gather(pieces);
  EXPECT_LT(used, kMaxGather);
  size_t bytes = 0;
  for (size_t i = 0; i < used; ++i) bytes += pieces[i].iov_len;
  EXPECT_GE(bytes, kGatherBytes);
  EXPECT_LT(bytes, kGatherBytes + kMaxChunkBytes) << "looking on would cost more than a call";
}

TEST(WriteQueue, GatheringStopsAtTheBound) {
  const Body body(std::string(1000, 'x'));
  WriteQueue queue;
  for (int i = 0; i < 10; ++i) queue.push(as_bytes("h"), {}, body.get());
  EXPECT_EQ(gathered(queue, 3).size(), 1 + 1000 + 1u);
}

TEST(WriteQueue, ReleasesABodyWhenItsLastByteHasLeft) {
  const Body body(std::string(1000, 'x'));
  WriteQueue queue;
  queue.push(as_bytes("h"), {}, body.get());
  queue.consume(1000);
  EXPECT_EQ(body.references(), 2u);
  queue.consume(1);
  EXPECT_EQ(body.references(), 1u);
  EXPECT_TRUE(queue.empty());
}

TEST(WriteQueue, ReleasesEverythingWhenItGoes) {
  const Body body(std::string(1000, 'x'));
  {
    WriteQueue queue;
    queue.push({}, {}, body.get());
    queue.push({}, {}, body.get());
    EXPECT_EQ(body.references(), 3u);
  }
  EXPECT_EQ(body.references(), 1u);
}

TEST(WriteQueue, DroppingKeepsTheMessageThatHasBegunToLeave) {
  const Body body(std::string(1000, 'x'));
  for (const size_t gone : {1u, 2u, 3u, 500u, 1001u}) {
    WriteQueue queue;
    queue.push(as_bytes("h1"), {}, body.get());
    queue.push(as_bytes("h2"), {}, body.get());
    queue.push(as_bytes("h3"), {}, nullptr);
    queue.consume(gone);
    queue.drop_unstarted();
    EXPECT_EQ(queue.bytes(), 1002 - gone);
    queue.push(as_bytes("close"), {}, nullptr);
    EXPECT_EQ(gathered(queue), ("h1" + std::string(1000, 'x') + "close").substr(gone));
    EXPECT_EQ(body.references(), 2u);
  }
}

TEST(WriteQueue, DroppingBetweenMessagesDropsAll) {
  WriteQueue queue;
  queue.push(as_bytes("one"), {}, nullptr);
  queue.push(as_bytes("two"), {}, nullptr);
  queue.consume(3);
  queue.drop_unstarted();
  EXPECT_TRUE(queue.empty());
  queue.push(as_bytes("three"), {}, nullptr);
  EXPECT_EQ(gathered(queue), "three");
}

std::string peeked(WriteQueue& queue, size_t most) {
  std::string out(most, '\0');
  out.resize(queue.peek({reinterpret_cast<uint8_t*>(out.data()), out.size()}));
  return out;
}

// ---- what is urgent

TEST(WriteQueue, AnUrgentMessagePassesBeforeAllThatHasNotBegunToLeave) {
  const Body body(std::string(1000, 'x'));
  const std::string first = "h1" + std::string(1000, 'x');
  for (const size_t gone : {0u, 1u, 2u, 3u, 500u, 1001u, 1002u}) {
    WriteQueue queue;
    queue.push(as_bytes("h1"), {}, body.get());
    queue.push(as_bytes("h2"), {}, body.get());
    queue.push(as_bytes("h3"), {}, nullptr);
    queue.consume(gone);
    EXPECT_TRUE(queue.push_urgent(as_bytes("pong"), as_bytes("1")));
    EXPECT_TRUE(queue.push_urgent(as_bytes("pong"), as_bytes("2")));
    const std::string rest = "h2" + std::string(1000, 'x') + "h3";
    const std::string wanted =
        gone == 0 ? "pong1pong2" + first + rest : first.substr(gone) + "pong1pong2" + rest;
    EXPECT_EQ(gathered(queue), wanted) << gone;
    EXPECT_EQ(queue.bytes(), wanted.size());
  }
}

TEST(WriteQueue, NothingCutsIntoAnUrgentMessageEither) {
  WriteQueue queue;
  queue.push(as_bytes("bulk"), {}, nullptr);
  queue.push_urgent(as_bytes("pong1"), {});
  queue.consume(2);
  queue.push(as_bytes("more"), {}, nullptr);
  queue.push_urgent(as_bytes("pong2"), {});
  EXPECT_EQ(gathered(queue), "ng1pong2bulkmore");
  queue.consume(10);
  queue.push_urgent(as_bytes("pong3"), {});
  EXPECT_EQ(gathered(queue), "lkpong3more");
}

TEST(WriteQueue, OnlySoMuchIsUrgent) {
  const std::string half(kMaxUrgentBytes / 2, 'u');
  WriteQueue queue;
  queue.push(as_bytes("bulk"), {}, nullptr);
  EXPECT_TRUE(queue.push_urgent(as_bytes(half), {}));
  EXPECT_TRUE(queue.push_urgent({}, as_bytes(half)));
  EXPECT_FALSE(queue.push_urgent(as_bytes("u"), {}));
  EXPECT_EQ(queue.bytes(), kMaxUrgentBytes + 4) << "what is refused is not queued either";
  queue.consume(1);
  EXPECT_TRUE(queue.push_urgent(as_bytes("u"), {}));
}

// A TLS write that was interrupted has encrypted what it was shown, and asks for the same again.
TEST(WriteQueue, WhatAPeekHasShownKeepsItsPlace) {
  WriteQueue queue;
  queue.push(as_bytes("one"), {}, nullptr);
  queue.push(as_bytes("two"), {}, nullptr);
  EXPECT_EQ(peeked(queue, 4), "onet");
  queue.push_urgent(as_bytes("pong"), {});
  EXPECT_EQ(peeked(queue, 6), "onetwo");
  queue.consume(1);
  EXPECT_EQ(peeked(queue, 20), "nepongtwo");
}

TEST(WriteQueue, DroppingKeepsAnUrgentMessageThatHasBegunToLeave) {
  WriteQueue queue;
  queue.push(as_bytes("bulk"), {}, nullptr);
  queue.push_urgent(as_bytes("pong1"), {});
  queue.push_urgent(as_bytes("pong2"), {});
  queue.consume(1);
  queue.drop_unstarted();
  EXPECT_EQ(gathered(queue), "ong1");
  EXPECT_EQ(queue.bytes(), 4u);
  queue.consume(4);
  queue.push_urgent(as_bytes("pong3"), {});
  queue.push(as_bytes("bulk"), {}, nullptr);
  queue.drop_unstarted();
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.push_urgent(as_bytes(std::string(kMaxUrgentBytes, 'u')), {}));
}

// Messages say their length, as frames do, so that a reader sees whether they came whole.
TEST(WriteQueue, UrgentOrNotEveryMessageLeavesWholeAndInOrderAmongItsKind) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    WriteQueue queue;
    std::string left;
    size_t bulk = 0, urgent = 0;
    const auto message = [&](char kind, size_t number) {
      const std::string text =
          kind + std::to_string(number) + std::string(random() % (kind == 'b' ? 700 : 60), '.');
      return std::to_string(text.size()) + ":" + text;
    };
    for (int i = 0; i < 1000; ++i) {
      if (random() % 4 == 0) {
        urgent += queue.push_urgent({}, as_bytes(message('u', urgent))) ? 1 : 0;
      } else {
        const std::string text = message('b', bulk++);
        const size_t cut = random() % text.size();
        const Body body(text.substr(cut));
        queue.push(as_bytes(text.substr(0, cut)), {}, body.get());
      }
      const std::string now =
          random() % 2 == 0 ? peeked(queue, random() % 900) : gathered(queue, 1 + random() % 8);
      if (random() % 3 == 0) continue;
      const size_t portion = random() % (now.size() + 1);
      left += now.substr(0, portion);
      queue.consume(portion);
    }
    while (!queue.empty()) {
      left += gathered(queue);
      queue.consume(gathered(queue).size());
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

TEST(WriteQueue, WhatLeavesInAnyPortionsIsWhatWasPushed) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    WriteQueue queue;
    std::string pushed, left;
    char next = 'a';
    const auto text = [&](size_t most) {
      next = next == 'z' ? 'a' : static_cast<char>(next + 1);
      return std::string(random() % most, next);
    };
    for (int i = 0; i < 2000; ++i) {
      const std::string head = text(12), tail = text(40), shared = text(random() % 8 ? 200 : 9000);
      const Body body(shared);
      queue.push(as_bytes(head), as_bytes(tail), body.get());
      pushed += head + tail + shared;
      const std::string now = gathered(queue, 1 + random() % 8);
      std::string peeked(now.size(), '\0');
      EXPECT_EQ(queue.peek({reinterpret_cast<uint8_t*>(peeked.data()), peeked.size()}), now.size());
      EXPECT_EQ(peeked, now);
      const size_t portion = random() % (now.size() + 1);
      left += now.substr(0, portion);
      queue.consume(portion);
      ASSERT_EQ(queue.bytes(), pushed.size() - left.size());
    }
    while (!queue.empty()) {
      const std::string now = gathered(queue);
      left += now;
      queue.consume(now.size());
    }
    EXPECT_EQ(left, pushed);
  }
}

}  // namespace
}  // namespace freshet::ws::testing
