// frame_writer.h: the WebSocket frames of a client, masked as they must be.
#pragma once

#include <cstdint>
#include <vector>

#include "frame_reader.h"
#include "freshet/bytes.h"

namespace freshet::load {

// Appends to a buffer of its owner. Masks are drawn by chance, for servers pass over one of zeros.
class FrameWriter {
 public:
  FrameWriter(std::vector<uint8_t>& out, uint32_t seed) : out_(out), chance_(seed | 1) {}

  void add(Opcode opcode, Bytes payload);

 private:
  std::vector<uint8_t>& out_;
  uint32_t chance_;
};

// Appends the same frame as a server writes it, without a mask.
void add_server_frame(std::vector<uint8_t>& out, Opcode opcode, Bytes payload);

}  // namespace freshet::load
