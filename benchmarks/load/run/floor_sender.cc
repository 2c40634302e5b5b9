#include "floor_sender.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <deque>
#include <functional>
#include <queue>

#include "freshet/format/codec.h"
#include "load/frames/frame_writer.h"
#include "load/measure/tally.h"

namespace freshet::load {

namespace {

// The frame in which a y-websocket server passes on edits.
void frame_of(const Authors& authors, std::span<const Edits> edits, std::vector<uint8_t>& out) {
  std::vector<uint8_t> update, message;
  write_edits(authors, edits, update);
  Writer to(message);
  to.u8(0);
  to.u8(2);
  to.bytes(update);
  out.clear();
  add_server_frame(out, Opcode::binary, message);
}

void sleep_until(int64_t at_ns) {
  const timespec at{.tv_sec = at_ns / 1'000'000'000, .tv_nsec = at_ns % 1'000'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
}

// Who reads slowly is waited for.
bool send_whole(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return true;
}

}  // namespace

FloorSender::~FloorSender() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (listener_ >= 0) close(listener_);
  if (shared_ != nullptr) munmap(shared_, shared_bytes_);
}

bool FloorSender::listen_somewhere() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(at);
  auto* generic = reinterpret_cast<sockaddr*>(&at);
  if (listener_ < 0 || bind(listener_, generic, length) != 0 || listen(listener_, SOMAXCONN) != 0 ||
      getsockname(listener_, generic, &length) != 0) {
    return fail(std::string("cannot listen: ") + std::strerror(errno));
  }
  port_ = ntohs(at.sin_port);
  return true;
}

bool FloorSender::launch(std::span<const std::unique_ptr<Room>> rooms) {
  shared_bytes_ = sizeof(Shared) + scenario_.all_writers() * sizeof(std::atomic<uint64_t>);
  void* memory =
      mmap(nullptr, shared_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return fail(std::string("no shared memory: ") + std::strerror(errno));
  shared_ = static_cast<Shared*>(memory);  // of zeros, which is what the counters begin with
  pid_ = fork();
  if (pid_ < 0) return fail(std::string("no process: ") + std::strerror(errno));
  if (pid_ > 0) return true;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_TIMERSLACK, 1000UL);
  serve(rooms);
  _exit(0);
}

void FloorSender::serve(std::span<const std::unique_ptr<Room>> rooms) {
  if (scenario_.floor_cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(scenario_.floor_cpu), &set);
    sched_setaffinity(0, sizeof(set), &set);
  }
  const std::vector<int> sockets = accept_all();
  shared_->ready = true;
  while (shared_->start_ns.load() == 0) usleep(1000);
  for (const auto& room : rooms) room->schedule.start(shared_->start_ns);
  send_all(rooms, sockets);
  shared_->done = true;
  pause();  // until it is ended: closed sockets would be faults
}

// By the number each client says first.
std::vector<int> FloorSender::accept_all() const {
  std::vector<int> sockets(scenario_.all_clients(), -1);
  for (size_t i = 0; i < sockets.size(); ++i) {
    const int fd = accept(listener_, nullptr, nullptr);
    uint64_t number = 0;
    if (fd < 0 || recv(fd, &number, sizeof(number), MSG_WAITALL) != sizeof(number)) _exit(1);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (number < sockets.size()) sockets[number] = fd;
  }
  return sockets;
}

void FloorSender::send_all(std::span<const std::unique_ptr<Room>> rooms,
                           const std::vector<int>& sockets) {
  using Due = std::pair<int64_t, uint32_t>;  // when, which writer of all
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  std::deque<Due> windows;  // when they end, of which room; in the order they began
  std::vector<uint64_t> edits(scenario_.all_writers());  // due so far
  const int64_t end = shared_->end_ns, window = int64_t{scenario_.floor_window_us} * 1000;
  std::vector<bool> open(rooms.size());
  for (uint32_t i = 0; i < scenario_.all_writers(); ++i) {
    due.emplace(rooms[i / scenario_.writers]->schedule.due(i % scenario_.writers, 0), i);
  }
  while (!windows.empty() || (!due.empty() && due.top().first < end)) {
    const bool flush =
        !windows.empty() && (due.empty() || windows.front().first <= due.top().first);
    const auto [at, i] = flush ? windows.front() : due.top();
    if (at > now_ns()) sleep_until(at);
    const uint32_t r = flush ? i : i / scenario_.writers;
    if (flush) {
      windows.pop_front();
      open[r] = false;
      if (!send_room(*rooms[r], r, sockets, edits)) return;
      continue;
    }
    due.pop();
    if (at >= end) continue;
    if (at >= end - static_cast<int64_t>(scenario_.duration_s * 1e9)) ++shared_->measured;
    due.emplace(rooms[r]->schedule.due(i % scenario_.writers, ++edits[i]), i);
    if (!open[r]) windows.emplace_back(at + window, r);
    open[r] = true;
  }
}

bool FloorSender::send_room(const Room& room, uint32_t r, const std::vector<int>& sockets,
                            std::vector<uint64_t>& due) {
  std::vector<Edits> edits;
  for (uint32_t writer = scenario_.writers; writer-- > 0;) {
    const size_t i = size_t{r} * scenario_.writers + writer;
    const uint64_t sent = shared_->written()[i];
    if (due[i] > sent) edits.push_back({writer, sent, due[i]});
    shared_->written()[i] = due[i];
  }
  std::vector<uint8_t> frame;
  frame_of(room.authors, edits, frame);
  for (uint32_t place = 0; place < scenario_.clients; ++place) {
    const bool own = edits.size() == 1 && edits[0].writer == place;
    if (!own && !send_whole(sockets[size_t{r} * scenario_.clients + place], frame)) return false;
  }
  return true;
}

void FloorSender::start(int64_t start_ns, int64_t end_ns) {
  shared_->end_ns = end_ns;
  shared_->start_ns = start_ns;
}

uint64_t FloorSender::written(uint32_t room, uint32_t writer) const {
  return shared_->written()[room * scenario_.writers + writer];
}

uint64_t FloorSender::measured() const { return shared_->measured; }

}  // namespace freshet::load
