#include "frame_writer.h"

namespace freshet::load {

namespace {

void add_head(std::vector<uint8_t>& out, Opcode opcode, size_t length, uint8_t masked) {
  out.push_back(static_cast<uint8_t>(0x80 | static_cast<uint8_t>(opcode)));
  if (length < 126) {
    out.push_back(static_cast<uint8_t>(masked | length));
    return;
  }
  const unsigned bytes = length <= 0xffff ? 2 : 8;
  out.push_back(static_cast<uint8_t>(masked | (bytes == 2 ? 126 : 127)));
  for (unsigned i = bytes; i-- > 0;) out.push_back(static_cast<uint8_t>(uint64_t{length} >> 8 * i));
}

}  // namespace

void FrameWriter::add(Opcode opcode, Bytes payload) {
  add_head(out_, opcode, payload.size(), 0x80);
  chance_ ^= chance_ << 13;
  chance_ ^= chance_ >> 17;
  chance_ ^= chance_ << 5;
  uint8_t mask[4];
  for (unsigned i = 0; i < 4; ++i) mask[i] = static_cast<uint8_t>(chance_ >> 8 * i);
  out_.insert(out_.end(), mask, mask + 4);
  const size_t from = out_.size();
  out_.insert(out_.end(), payload.begin(), payload.end());
  for (size_t i = 0; i < payload.size(); ++i) out_[from + i] ^= mask[i & 3];
}

void add_server_frame(std::vector<uint8_t>& out, Opcode opcode, Bytes payload) {
  add_head(out, opcode, payload.size(), 0);
  out.insert(out.end(), payload.begin(), payload.end());
}

}  // namespace freshet::load
