// connection.h: a peer that speaks WebSocket.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "freshet/abi/platform.h"
#include "freshet/result.h"
#include "platform-ws/loop/event_loop.h"
#include "platform-ws/loop/held_closes.h"
#include "platform-ws/loop/peer.h"
#include "platform-ws/loop/read_pace.h"
#include "platform-ws/websocket/frame.h"

namespace freshet::ws {

// What becomes a WebSocket connection on the loop where it will live.
struct Arrival {
  OwnedFd fd;  // none: the peer has gone; the core is still told of its coming and going
  SslPtr ssl;
  Seat seat;
  std::string response;  // of the handshake
  std::string leftover;  // bytes the peer sent behind its request
  void* data = nullptr;
  uint16_t close_code = 0;  // not 0: shake hands, say this, tell the core nothing
  std::string close_reason;
  uint32_t close_delay_ms = 0;
  uint32_t idle_ms = 0;  // 0: as the settings have it
  uint64_t message_bytes = 0;
};

// The core holds it as a freshet_conn from on_open to on_close.
//
//   open ──close(), or the peer's close──► closing ──all written, peer's close seen──► lingering
//     │                                       │                                            │
//     ├── close_later() ──► held ──its time───┤     time-out, end of stream, kill() ──► dead
//     └── the peer is at fault ───────────────┘
//
// A peer at fault is the core's to close, at once or later. on_close comes as soon as nothing more
// can be said: at the peer's close frame or end, at a fault, at close_later(); after our own
// close(), when the peer has answered or its time is over. Held, it reads on to see its peer go,
// and keeps nothing of what it reads. Open, it may be paused, and reads nothing.
class Connection final : public Peer, public freshet_conn {
 public:
  Connection(EventLoop& loop, Arrival& arrival);
  ~Connection() override;

  // One comes to live on this loop. [any]
  static void arrive(EventLoop& loop, Arrival arrival);

  void send(Bytes prefix, freshet_body* body, bool text);
  // Status::limit: kMaxUrgentBytes wait already.
  Status send_urgent(Bytes message, bool text);
  void close(uint16_t code, std::string_view reason);
  void close_later(uint16_t code, std::string_view reason, uint32_t delay_ms);
  // Held no longer. REQUIRES: it is held.
  void say_close();
  void pause_reading(uint32_t ms);

  void on_turn() override;
  void tick(uint64_t now_ms) override;
  void resume() override;
  void finish() override;
  void on_stopping() override;
  void kill() override;

 private:
  enum class State { open, held, closing, lingering };
  struct HeldClose {
    HeldCloses::Place place;
    uint64_t due_ms;
    uint16_t code;
    std::string reason;
  };

  // Tells the core, takes what came with the request, then waits for more.
  void start(Arrival& arrival);
  void on_readable() override;
  void on_writable() override;
  void read_some();
  bool read_once(uint64_t& spent_ns);
  void nothing_read(Stream::Outcome outcome);
  void await_more();
  void take_in(std::span<uint8_t> in);
  void handle(const Incoming& said);
  void answer_ping(Bytes payload);
  void peer_closes(uint16_t code);
  // The peer is at fault: what has not begun to leave is dropped and nothing is heard; the core
  // says what is said, `code` if it says nothing.
  void fail(uint16_t code, std::string_view reason);
  void let_go();
  void lost();
  void flush();
  void flushed();
  void push_control(Opcode opcode, Bytes payload);
  void push_close(uint16_t code, std::string_view reason);
  void end_soon();
  void end();

  EventLoop& loop_;
  State state_ = State::open;
  const bool silent_;         // the core knows nothing of it
  bool announced_ = false;    // on_open was called, on_close was not
  bool ending_ = false;       // on_close is due at the end of the turn
  bool peer_closed_ = false;  // its close frame came
  bool failed_ = false;       // nothing it says counts any more
  bool sent_ = false;         // by the core since the last on_drain
  uint32_t queued_pongs_ = 0;
  uint64_t heard_ms_, pinged_ms_, closing_ms_ = 0;
  uint64_t paused_until_ms_ = 0;  // it is not read; 0: it is
  bool paused_before_ = false;    // the next read
  bool asked_ = false;            // by a ping, since it was last heard
  const uint64_t idle_ms_, heartbeat_ms_;
  std::unique_ptr<HeldClose> held_;
  ReadPace pace_;
  FrameReader reader_;
  std::array<uint8_t, kCarryBytes> carry_;  // the beginning of a frame
  size_t carried_ = 0;
};

}  // namespace freshet::ws
