// Answers that must not wait behind what a slow reader has queued.
#include <gtest/gtest.h>

#include "platform-ws/limits.h"
#include "platform-ws/tests/world.h"

namespace freshet::ws::testing {
namespace {

TEST(Urgent, AnUrgentMessageIsTheNextForAReaderWithMegabytesQueued) {
  World world;
  std::atomic<freshet_conn*> conn{nullptr};
  world.core.on_open = [&](freshet_conn* c) { conn = c; };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake("/?shard=0").status, 101);
  ASSERT_TRUE(world.core.wait_opened(1));
  const std::string message(1 << 20, 'm');
  const size_t frame_bytes = message.size() + 10;
  world.on_shard(0, [&] {
    for (int i = 0; i < 40; ++i) world.core.send(conn, message);
  });
  size_t begun = 0;
  world.on_shard(0, [] {});
  world.on_shard(0, [&] {
    begun = 40 - conn.load()->queued_bytes / frame_bytes;
    EXPECT_EQ(world.platform->send_urgent(conn, as_bytes("pong"), true), Status::ok);
  });
  ASSERT_LT(begun, 40u) << "the system's buffers took all";
  for (size_t i = 0; i < 41; ++i) {
    const Frame frame = client.receive();
    EXPECT_EQ(frame.payload == "pong", i == begun) << i;
    EXPECT_TRUE(i == begun || frame.payload == message) << i;
  }
}

TEST(Urgent, UrgentMessagesThatNobodyReadsAreBounded) {
  World world;
  std::atomic<freshet_conn*> conn{nullptr};
  world.core.on_open = [&](freshet_conn* c) { conn = c; };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake("/?shard=0").status, 101);
  ASSERT_TRUE(world.core.wait_opened(1));
  world.on_shard(0, [&] { world.core.send(conn, std::string(40 << 20, 'm')); });
  world.on_shard(0, [] {});  // it has begun to leave
  const std::string pong(100, 'p');
  size_t taken = 0;
  world.on_shard(0, [&] {
    const size_t before = conn.load()->queued_bytes;
    while (world.platform->send_urgent(conn, as_bytes(pong), true) == Status::ok) ++taken;
    EXPECT_LE(conn.load()->queued_bytes - before, kMaxUrgentBytes);
  });
  EXPECT_EQ(taken, kMaxUrgentBytes / (pong.size() + 2));
  EXPECT_EQ(client.receive().payload.size(), 40u << 20);
  for (size_t i = 0; i < taken; ++i) EXPECT_EQ(client.receive().payload, pong);
}

}  // namespace
}  // namespace freshet::ws::testing
