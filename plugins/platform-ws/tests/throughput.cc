// What the platform costs by itself, over loopback sockets: processor time of the shard per
// message, which neighbours on the machine disturb less than messages per second, and both.
//
//   echo      N connections, one message under way on each
//   pipeline  one connection, messages sent without waiting
//   fan-out   one message to 1,000 connections, as one shared body
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "platform-ws/tests/world.h"

namespace freshet::ws::testing {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Processor time that shard 0 has used, in seconds.
double shard_seconds(World& world) {
  double out = 0;
  world.on_shard(0, [&] {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    out = static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
  });
  return out;
}

// Many sockets, of which only the number of bytes that came is of interest.
class Crowd {
 public:
  Crowd(World& world, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      clients_.push_back(std::make_unique<Client>(world.port()));
      clients_.back()->handshake("/?shard=0");
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, clients_.back()->fd(), &event);
    }
  }
  ~Crowd() { ::close(epoll_); }

  Client& operator[](size_t index) { return *clients_[index]; }
  size_t size() const { return clients_.size(); }

  // Reads whatever has come; `got(index, bytes)` for each socket that had something.
  template <class F>
  void read(F&& got) {
    std::array<epoll_event, 256> ready;
    const int count = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), 20'000);
    for (int i = 0; i < count; ++i) {
      const size_t index = ready[static_cast<size_t>(i)].data.u64;
      const ssize_t size = ::recv(clients_[index]->fd(), buffer_.data(), buffer_.size(), 0);
      if (size > 0) got(index, static_cast<size_t>(size));
    }
  }

 private:
  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<char> buffer_ = std::vector<char>(1 << 20);
};

void echo(World& world, size_t connections, size_t messages, size_t payload) {
  Crowd crowd(world, connections);
  const std::string frame = Client::frame(2, std::string(payload, 'e'));
  const size_t answer = payload + (payload < 126 ? 2 : 4);
  std::vector<size_t> waiting(connections, answer);
  const double used = shard_seconds(world);
  const auto start = Clock::now();
  for (size_t i = 0; i < connections; ++i) crowd[i].write(frame);
  size_t done = 0;
  while (done < messages) {
    crowd.read([&](size_t index, size_t size) {
      waiting[index] -= size;
      if (waiting[index] > 0) return;
      waiting[index] = answer;
      ++done;
      crowd[index].write(frame);
    });
  }
  const double took = seconds_since(start), shard = shard_seconds(world) - used;
  std::printf("echo %zu x %zu B: %.0f messages/s, %.2f us of the shard each\n", connections,
              payload, static_cast<double>(done) / took, shard / static_cast<double>(done) * 1e6);
}

void pipeline(World& world, size_t messages, size_t payload) {
  Crowd crowd(world, 1);
  const size_t batch = 100;
  std::string frames;
  for (size_t i = 0; i < batch; ++i) frames += Client::frame(2, std::string(payload, 'p'));
  size_t expected = messages * (payload + 2);
  const double used = shard_seconds(world);
  const auto start = Clock::now();
  std::thread writer([&] {
    for (size_t i = 0; i < messages; i += batch) crowd[0].write(frames);
  });
  while (expected > 0) crowd.read([&](size_t, size_t size) { expected -= size; });
  writer.join();
  const double took = seconds_since(start), shard = shard_seconds(world) - used;
  std::printf("pipeline %zu B: %.0f messages/s, %.2f us of the shard each\n", payload,
              static_cast<double>(messages) / took, shard / static_cast<double>(messages) * 1e6);
}

void fan_out(World& world, std::vector<freshet_conn*>& conns, size_t rounds, size_t payload) {
  conns.clear();
  Crowd crowd(world, 1000);
  world.core.wait_opened(world.core.closed() + crowd.size());
  freshet_body* body = world.platform->body_create(payload);
  std::fill_n(body->data, payload, uint8_t{'f'});
  const size_t answer = payload + (payload < 126 ? 2 : 4);
  const double used = shard_seconds(world);
  const auto start = Clock::now();
  for (size_t round = 0; round < rounds; ++round) {
    world.on_shard(0, [&] {
      for (freshet_conn* conn : conns) world.platform->send(conn, {}, body, false);
    });
    size_t expected = crowd.size() * answer;
    while (expected > 0) crowd.read([&](size_t, size_t size) { expected -= size; });
  }
  const double took = seconds_since(start), shard = shard_seconds(world) - used;
  const auto deliveries = static_cast<double>(rounds * crowd.size());
  std::printf("fan-out 1 to %zu, %zu B: %.0f deliveries/s, %.2f us of the shard each\n",
              crowd.size(), payload, deliveries / took, shard / deliveries * 1e6);
  world.platform->body_unref(body);
}

int measure() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  World world;
  world.host.set("shards", int64_t{1});
  std::vector<freshet_conn*> conns;  // one shard: only its thread and, between rounds, ours
  world.core.on_open = [&](freshet_conn* conn) { conns.push_back(conn); };
  world.core.on_message = [&](freshet_conn* conn, Bytes message, bool text) {
    world.core.platform().send(conn, message, nullptr, text);
  };
  if (world.start() != Status::ok) return 1;
  echo(world, 1, 20'000, 64);
  echo(world, 50, 200'000, 64);
  pipeline(world, 1'000'000, 64);
  fan_out(world, conns, 200, 64);
  fan_out(world, conns, 200, 1024);
  return world.stop() == Status::ok ? 0 : 1;
}

}  // namespace
}  // namespace freshet::ws::testing

int main() { return freshet::ws::testing::measure(); }
