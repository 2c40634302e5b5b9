// Peers that send without a pause: they are read by the clock, and leave others their turn.
#include "platform-ws/loop/read_pace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "platform-ws/tests/world.h"

namespace freshet::ws::testing {
namespace {

constexpr uint64_t kMs = 1'000'000;

// Reads that brought something, so far apart.
uint64_t read_often(ReadPace& pace, uint64_t now_ns, uint64_t gap_ns, int reads) {
  for (int i = 0; i < reads; ++i) pace.note_read(now_ns += gap_ns);
  return now_ns;
}

TEST(ReadPace, WhoSendsSeldomIsNotHasty) {
  ReadPace pace;
  const uint64_t now = read_often(pace, 0, 20 * kMs, 100);
  EXPECT_FALSE(pace.is_hasty());
  read_often(pace, now, kMs / 10, 2);
  EXPECT_FALSE(pace.is_hasty()) << "a frame in three pieces";
}

TEST(ReadPace, WhoSendsAllTheTimeIsHastyUntilNothingComes) {
  ReadPace pace;
  const uint64_t now = read_often(pace, 0, kMs / 2, 20);
  EXPECT_TRUE(pace.is_hasty());
  read_often(pace, now, kReadRoundNs, 100);
  EXPECT_TRUE(pace.is_hasty()) << "it is read no more often than that";
  pace.note_nothing();
  EXPECT_FALSE(pace.is_hasty());
}

TEST(ReadPace, WhatCostsMuchIsReadInSmallParts) {
  ReadPace pace;
  EXPECT_EQ(pace.bytes_in_a_turn(), kLeastReadBytes);
  for (int i = 0; i < 20; ++i) pace.note_taken_in(kReadBufferBytes, kMs / 10);
  EXPECT_GE(pace.bytes_in_a_turn(), kReadBufferBytes);
  for (int i = 0; i < 20; ++i) pace.note_taken_in(kLeastReadBytes, 4 * kMs);
  EXPECT_EQ(pace.bytes_in_a_turn(), kLeastReadBytes);
}

// So often that the loop would read it by the clock.
void send_without_a_pause(Client& client, int messages) {
  for (int i = 0; i < messages; ++i) {
    client.send(2, std::to_string(i));
    std::this_thread::sleep_for(200us);
  }
}

TEST(HastyPeer, GetsEverythingInOrderAndIsHeardAtOnceWhenItHasCalmedDown) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  client.handshake();
  constexpr int kMessages = 2'000;
  std::thread sender([&] { send_without_a_pause(client, kMessages); });
  for (int i = 0; i < kMessages; ++i) EXPECT_EQ(client.receive_data().payload, std::to_string(i));
  sender.join();
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(20ms);
    client.send(2, "calm");
    EXPECT_EQ(client.receive_data().payload, "calm");
  }
}

TEST(HastyPeer, OverTlsGetsEverythingInOrder) {
  TemporaryFolder folder;
  World world;
  const std::string cert = folder.path("cert.pem"), key = folder.path("key.pem");
  write_certificate(cert, key);
  world.host.set("cert", cert);
  world.host.set("key", key);
  ASSERT_EQ(world.start({"tls:127.0.0.1:0"}), Status::ok);
  Client client = Client::tls(world.port());
  client.handshake();
  constexpr int kMessages = 1'000;
  send_without_a_pause(client, kMessages);
  for (int i = 0; i < kMessages; ++i) EXPECT_EQ(client.receive_data().payload, std::to_string(i));
}

TEST(HastyPeer, GoesAsOthersDo) {
  World world;
  world.host.set("close_timeout_ms", int64_t{50});
  ASSERT_EQ(world.start(), Status::ok);
  Client resets(world.port()), closes(world.port()), stays(world.port());
  for (Client* client : {&resets, &closes, &stays}) {
    client->handshake();
    send_without_a_pause(*client, 100);
  }
  resets.reset();
  closes.close();
  EXPECT_TRUE(world.core.wait_closed(2));
  send_without_a_pause(stays, 100);
  EXPECT_EQ(world.stop(), Status::ok);
  EXPECT_EQ(world.core.closed(), 3u);
  EXPECT_EQ(world.core.broken_promises(), 0u);
}

// All that a flood has sent lies ready when the loop comes to it.
TEST(HastyPeer, ThatSendsAFloodLeavesOthersTheirTurn) {
  World world;
  world.host.set("shards", int64_t{1});
  world.host.set("close_timeout_ms", int64_t{50});
  std::promise<void> all_sent;
  std::atomic<size_t> flooded{0}, flooded_before_other{0};
  world.core.on_message = [&](freshet_conn*, Bytes message, bool) {
    if (as_text(message) == "hold") return all_sent.get_future().wait();
    if (as_text(message) == "other") return flooded_before_other.store(flooded);
    ++flooded;
    const auto until = std::chrono::steady_clock::now() + 10us;
    while (std::chrono::steady_clock::now() < until) continue;
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client flood(world.port()), other(world.port()), hold(world.port());
  for (Client* client : {&flood, &other, &hold}) client->handshake();

  constexpr size_t kFrames = 40'000;
  std::string frames;
  for (size_t i = 0; i < kFrames; ++i) frames += Client::frame(2, "");
  hold.send(2, "hold");
  std::thread sender([&] { flood.write(frames); });
  std::this_thread::sleep_for(50ms);
  other.send(2, "other");
  std::this_thread::sleep_for(10ms);
  all_sent.set_value();
  sender.join();
  world.on_shard(0, [] {});
  while (flooded < kFrames) std::this_thread::sleep_for(1ms);
  EXPECT_LT(flooded_before_other, kFrames / 4);
  EXPECT_EQ(world.stop(), Status::ok);
}

// A room full of people who flood: who types in another one does not wait for each of them.
TEST(HastyPeers, HoweverManyLeaveOthersTheirTurn) {
  constexpr size_t kFloods = 40, kFrames = 2'000;
  World world;
  world.host.set("shards", int64_t{1});
  world.host.set("close_timeout_ms", int64_t{50});
  std::promise<void> all_wait;
  std::atomic<size_t> flooded{0};
  world.core.on_message = [&](freshet_conn* conn, Bytes message, bool) {
    if (as_text(message) == "hold") return all_wait.get_future().wait();
    if (as_text(message) == "other") return world.core.send(conn, "heard");
    ++flooded;
    const auto until = std::chrono::steady_clock::now() + 10us;
    while (std::chrono::steady_clock::now() < until) continue;
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client other(world.port()), hold(world.port());
  for (Client* client : {&other, &hold}) client->handshake();
  std::vector<Client> floods;
  for (size_t i = 0; i < kFloods; ++i) floods.emplace_back(world.port()).handshake();

  std::string frames;
  for (size_t i = 0; i < kFrames; ++i) frames += Client::frame(2, std::string(300, 'x'));
  hold.send(2, "hold");
  std::vector<std::thread> senders;
  for (Client& flood : floods) senders.emplace_back([&] { flood.write(frames); });
  std::this_thread::sleep_for(50ms);
  all_wait.set_value();
  size_t heard = 0;
  while (flooded < kFloods * kFrames) {
    other.send(2, "other");
    EXPECT_EQ(other.receive_data().payload, "heard");
    ++heard;
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(world.stop(), Status::ok);
  // Behind a turn of each of them there were 9 words.
  EXPECT_GT(heard, 30u);
}

}  // namespace
}  // namespace freshet::ws::testing
