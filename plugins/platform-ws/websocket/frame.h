// frame.h: WebSocket frames (RFC 6455, section 5), the server's side, without extensions.
//
//   frame   = FIN:1 RSV:3 opcode:4  MASK:1 length:7  [length:16 | length:64]  [key:32]  payload
//   length  < 126 itself; 126: the next two bytes; 127: the next eight; big-endian, shortest form
//
// Frames from a client are masked, frames to it never are. Nothing here knows of sockets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "freshet/bytes.h"
#include "platform-ws/limits.h"
#include "platform-ws/websocket/message_buffer.h"
#include "platform-ws/websocket/utf8_stream.h"

namespace freshet::ws {

enum class Opcode : uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

// Close codes of the protocol itself; ours for applications are in freshet/abi/close.h.
inline constexpr uint16_t kCloseProtocolError = 1002;
inline constexpr uint16_t kCloseNoCode = 1005;  // never on the wire: the frame had no payload
inline constexpr uint16_t kCloseBadText = 1007;

// XORs `data` with the mask, of which byte `phase` (0 to 3) comes first.
void unmask(std::span<uint8_t> data, std::array<uint8_t, 4> key, size_t phase);

// Writes the header of an unfragmented, unmasked frame; returns its length, 2, 4 or 10.
size_t write_frame_header(std::span<uint8_t, kMaxFrameHeader> out, Opcode opcode, size_t payload);

// True if a peer may send this code in a close frame.
bool valid_close_code(uint16_t code);

// One thing a peer said.
struct Incoming {
  enum class Kind {
    nothing,  // the frame is not complete: call again with more bytes
    message,  // payload, text
    ping,     // payload
    pong,
    close,   // code (kCloseNoCode: none given)
    failure  // the peer broke the protocol: close with `code`; `reason` says why
  };
  Kind kind = Kind::nothing;
  bool text = false;
  uint16_t code = 0;
  Bytes payload;
  const char* reason = "";  // as long as the reader
};

// Takes a client's bytes apart into messages and control frames.
//
// Holds at most `max_message_bytes`, and grows only with what has really arrived. A whole message
// in one frame that lies whole in the input is a view into it; anything else is put together in a
// buffer of its own. Text is checked as it arrives, so a bad message fails at its first bad byte.
// After a failure every call fails again.
class FrameReader {
 public:
  // Messages that are put together take what they hold from `budget`; with that used up, the one
  // that needs more fails.
  explicit FrameReader(size_t max_message_bytes, ByteBudget* budget = nullptr)
      : max_message_bytes_(max_message_bytes), assembly_(budget) {}

  // Takes bytes from the front of `in`, unmasking them in place, up to the end of the next message
  // or control frame. What is left in `in` after Kind::nothing, less than kCarryBytes, must be put
  // in front of the next input. The payload lives until the next call; a message view has
  // kReadAheadBytes readable behind it. REQUIRES: so does `in`.
  Incoming next(std::span<uint8_t>& in);

  // From now on messages are thrown away as they come, and what there is of one is given back.
  void ignore_messages() {
    ignoring_ = true;
    assembly_.drop();
  }

 private:
  struct Header {
    Opcode opcode = Opcode::continuation;
    bool fin = false;
    std::array<uint8_t, 4> key{};
    uint64_t payload = 0;
  };
  enum class Parsed { whole, partial, bad };

  Parsed read_header(std::span<uint8_t>& in, Header& out);
  const char* check_start(uint8_t first, uint8_t second) const;
  Incoming whole_message(std::span<uint8_t> payload);
  Incoming control(std::span<uint8_t>& in);
  Incoming assemble(std::span<uint8_t>& in);
  Incoming close_frame(Bytes payload);
  Incoming fail(uint16_t code, std::string reason);

  const size_t max_message_bytes_;
  bool in_frame_ = false;    // header_ is read, its payload not all taken
  bool in_message_ = false;  // a data frame without FIN came before
  bool text_ = false;        // of the message under way
  bool ignoring_ = false;
  bool delivered_ = false;  // assembly_ was handed out: empty it at the next call
  size_t taken_ = 0;        // payload bytes of header_ taken so far
  Header header_;
  MessageBuffer assembly_;
  Utf8Stream utf8_;
  uint16_t failed_code_ = 0;
  std::string failed_reason_;
};

}  // namespace freshet::ws
