// tests/sim/platform/sim_connections.h: connections of the simulated platform, from the handshake
// to the last event.
//
// Kept is what abi/platform.h promises: one on_open and one on_close, bytes behind a message, order
// each way. What the core does with them is checked.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/platform/sim_bodies.h"
#include "sim/platform/sim_connection.h"
#include "sim/platform/sim_threads.h"
#include "sim/scene.h"

namespace freshet::sim {

class SimConnections {
 public:
  // All outlive this.
  SimConnections(Scene& scene, SimThreads& threads, SimBodies& bodies)
      : scene_(scene), threads_(threads), bodies_(bodies), writing_cost_(threads.shards()) {}

  // REQUIRES: before any connection is accepted.
  void start(const freshet_events& events) { events_ = &events; }

  // ---- what people outside do; see SimPlatform ----
  SimConnection& add(Peer& peer);
  void send(SocketId socket, Bytes message, bool text);
  void fault(SocketId socket, uint16_t code, const std::string& reason);
  void hang_up(SocketId socket);
  void vanish(SocketId socket, uint64_t seen_after_us);
  void read_speed(SocketId socket, uint64_t bytes_per_ms);
  size_t queued_bytes(SocketId socket) const;
  size_t most_queued_bytes() const { return most_queued_bytes_; }
  // A reader may cost this much, and one message more.
  void expect_reader_bound(size_t bytes) { reader_bound_ = bytes; }
  // Hears of every message the core sends, at the moment it does.
  void watch_sends(std::function<void(Peer*, Bytes)> watch) { watch_ = std::move(watch); }

  // ---- what the core does ----
  // Its handshake is answered with an HTTP status; 0: by nobody.
  void refuse(SimConnection& conn, uint16_t status);
  void accept(SimConnection& conn, const freshet_accept& accept);
  void send(freshet_conn* conn, Bytes prefix, freshet_body* body, bool text);
  Status send_urgent(freshet_conn* conn, Bytes message, bool text);
  void close(freshet_conn* conn, uint16_t code, std::string_view reason);
  void close_later(freshet_conn* conn, uint16_t code, std::string_view reason, uint32_t delay_ms);
  void pause_reading(freshet_conn* conn, uint32_t ms);

  WritingCost writing_cost(uint32_t shard) const { return writing_cost_[shard]; }

  // ---- the end ----
  void restart();    // the server stops: those that are closed already hear of it at once
  void break_off();  // the process has gone
  void end();        // the core is told that all of them are over

 private:
  SimConnection* find(SocketId socket) const;
  void open(SimConnection& conn);
  // Once the connection is read.
  void read(SimConnection& conn, std::function<void()> event);
  void read_on(SimConnection& conn);
  void read_soon(SimConnection& conn);
  void end_pause(SimConnection& conn);
  void arrive(SimConnection& conn, const std::vector<uint8_t>& padded, bool text);
  void pump(SimConnection& conn);
  void pump_soon(SimConnection& conn, uint64_t delay_us);
  size_t hand_over_next(SimConnection& conn);  // its bytes
  void charge_write(const SimConnection& conn, size_t messages);
  void finish_close(SimConnection& conn);
  void gone(SimConnection& conn);  // tells the core, once
  void tell(SimConnection& conn, std::function<void(Peer&)> news);
  void hold(SimConnection& conn, uint16_t code, std::string_view reason, uint32_t delay_ms);
  void say_held(SimConnection& conn, uint16_t code, const std::string& reason);

  Scene& scene_;
  SimThreads& threads_;
  SimBodies& bodies_;
  const freshet_events* events_ = nullptr;
  std::map<SocketId, std::unique_ptr<SimConnection>> conns_;
  SocketId last_id_ = 0;
  size_t most_queued_bytes_ = 0;
  size_t reader_bound_ = SIZE_MAX;
  std::function<void(Peer*, Bytes)> watch_;
  std::vector<WritingCost> writing_cost_;  // by shard
};

}  // namespace freshet::sim
