// floor_sender.h: the least a server could do: a process that only calls send().
//
// Takes the place of the server: sends the frames that the y-websocket wire has for the scenario's
// edits to the clients of the room, each with a call of its own, at the times of the schedule.
// Without a window each edit is a frame to everybody but its writer; with one, what came within
// it is one frame to everybody. What it spends is what this machine asks for the same deliveries
// from anybody who sends so many frames.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "load/scenario.h"
#include "room.h"

namespace freshet::load {

class FloorSender {
 public:
  explicit FloorSender(const Scenario& scenario) : scenario_(scenario) {}
  ~FloorSender();  // ends the process
  FloorSender(const FloorSender&) = delete;
  FloorSender& operator=(const FloorSender&) = delete;

  // Has a port from then on. False: why() says it.
  bool listen_somewhere();
  // Starts the process, which waits for all clients of `rooms`. False: why() says it.
  bool launch(std::span<const std::unique_ptr<Room>> rooms);
  const std::string& why() const { return why_; }
  pid_t pid() const { return pid_; }
  uint16_t port() const { return port_; }

  void start(int64_t start_ns, int64_t end_ns);
  // It knows all clients.
  bool ready() const { return shared_->ready; }
  // All has been sent.
  bool done() const { return shared_->done; }
  // Edits it has sent so far.
  uint64_t written(uint32_t room, uint32_t writer) const;
  uint64_t measured() const;  // of them those due in the time that is measured

 private:
  // In memory that both processes have.
  struct Shared {
    std::atomic<int64_t> start_ns, end_ns;
    std::atomic<uint64_t> measured;
    std::atomic<bool> ready, done;
    std::atomic<uint64_t>* written() { return reinterpret_cast<std::atomic<uint64_t>*>(this + 1); }
  };

  // In the process of its own.
  void serve(std::span<const std::unique_ptr<Room>> rooms);
  std::vector<int> accept_all() const;
  void send_all(std::span<const std::unique_ptr<Room>> rooms, const std::vector<int>& sockets);
  // False: a client has gone.
  bool send_room(const Room& room, uint32_t r, const std::vector<int>& sockets,
                 std::vector<uint64_t>& due);
  bool fail(const std::string& why) { return why_ = why, false; }

  const Scenario& scenario_;
  std::string why_;
  Shared* shared_ = nullptr;
  size_t shared_bytes_ = 0;
  int listener_ = -1;
  uint16_t port_ = 0;
  pid_t pid_ = 0;
};

}  // namespace freshet::load
