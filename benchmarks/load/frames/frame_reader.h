// frame_reader.h: the WebSocket frames of a server (RFC 6455), as whole messages.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::load {

enum class Opcode : uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Frame {
  Opcode opcode;
  Bytes payload;  // borrowed: from the input, or, of a message that came in fragments, the reader
};

// Head and payload of the frame that begins so; none: its head is not whole, or no frame has it.
std::optional<size_t> frame_bytes_of(Bytes in);

// Of one connection: keeps what fragments have brought so far, nothing else.
class FrameReader {
 public:
  enum class Outcome { frame, incomplete, broken };

  // Takes the first message off the front of `in`. incomplete: `in` begins with a part of a frame,
  // and the caller keeps it. broken: why() says what no client could read; the connection is over.
  Outcome next(Bytes& in, Frame& out);
  std::string_view why() const { return why_; }

 private:
  struct Head {
    uint8_t first;
    size_t bytes;  // of the head itself
    uint64_t payload_bytes;
  };
  Outcome read_head(Bytes in, Head& out);
  Outcome join(bool last, Opcode opcode, Bytes payload, Frame& out);
  Outcome broken(std::string_view why) { return why_ = why, Outcome::broken; }

  std::vector<uint8_t> fragments_;
  Opcode fragmented_ = Opcode::more;  // of the message under way; more: none is
  std::string_view why_;
};

}  // namespace freshet::load
