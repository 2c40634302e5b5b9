#include "frame_reader.h"

#include "load/limits.h"

namespace freshet::load {

namespace {

struct Lengths {
  size_t head_bytes;
  uint64_t payload_bytes;
};

// REQUIRES: no mask. None: more of the head is to come.
std::optional<Lengths> lengths_of(Bytes in) {
  const unsigned code = in[1];
  const size_t more = code == 127 ? 8 : code == 126 ? 2 : 0;
  if (in.size() < 2 + more) return std::nullopt;
  uint64_t length = more == 0 ? code : 0;
  for (size_t i = 0; i < more; ++i) length = length << 8 | in[2 + i];
  return Lengths{2 + more, length};
}

}  // namespace

std::optional<size_t> frame_bytes_of(Bytes in) {
  if (in.size() < 2 || (in[1] & 0x80) != 0) return std::nullopt;
  const auto lengths = lengths_of(in);
  if (!lengths || lengths->payload_bytes > kMaxFrameBytes) return std::nullopt;
  return lengths->head_bytes + lengths->payload_bytes;
}

FrameReader::Outcome FrameReader::next(Bytes& in, Frame& out) {
  for (;;) {
    Head head{};
    if (const Outcome outcome = read_head(in, head); outcome != Outcome::frame) return outcome;
    if (in.size() - head.bytes < head.payload_bytes) return Outcome::incomplete;
    const Bytes payload = in.subspan(head.bytes, head.payload_bytes);
    in = in.subspan(head.bytes + head.payload_bytes);
    const auto opcode = static_cast<Opcode>(head.first & 0x0f);
    const bool last = (head.first & 0x80) != 0;
    if (last && opcode != Opcode::more &&
        (opcode >= Opcode::close || fragmented_ == Opcode::more)) {
      out = {opcode, payload};
      return Outcome::frame;
    }
    if (const Outcome outcome = join(last, opcode, payload, out); outcome != Outcome::incomplete) {
      return outcome;
    }
  }
}

FrameReader::Outcome FrameReader::read_head(Bytes in, Head& out) {
  if (in.size() < 2) return Outcome::incomplete;
  if ((in[0] & 0x70) != 0) return broken("a frame with an extension that was not asked for");
  if ((in[1] & 0x80) != 0) return broken("a masked frame");
  const auto lengths = lengths_of(in);
  if (!lengths) return Outcome::incomplete;
  if (lengths->payload_bytes > kMaxFrameBytes) return broken("a frame over 64 MiB");
  out = {in[0], lengths->head_bytes, lengths->payload_bytes};
  return Outcome::frame;
}

// incomplete: more of the message is to come.
FrameReader::Outcome FrameReader::join(bool last, Opcode opcode, Bytes payload, Frame& out) {
  if (opcode >= Opcode::close) return broken("a control frame in fragments");
  if ((opcode == Opcode::more) == (fragmented_ == Opcode::more)) {
    return broken("fragments out of order");
  }
  if (opcode != Opcode::more) {
    fragments_.clear();
    fragmented_ = opcode;
  }
  if (payload.size() > kMaxFrameBytes - fragments_.size()) return broken("a message over 64 MiB");
  fragments_.insert(fragments_.end(), payload.begin(), payload.end());
  if (!last) return Outcome::incomplete;
  out = {fragmented_, fragments_};
  fragmented_ = Opcode::more;
  return Outcome::frame;
}

}  // namespace freshet::load
