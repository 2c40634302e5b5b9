// A client's WebSocket frames: cut anywhere, they say the same thing, and never more than the
// limit.
//
// The first byte chooses where the rest is cut; the rest is the stream.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "freshet/format/utf8.h"
#include "platform-ws/websocket/frame.h"
#include "require.h"

namespace {

using freshet::Bytes;
using freshet::fuzz::require;
using freshet::ws::FrameReader;
using freshet::ws::Incoming;
using freshet::ws::kCarryBytes;
using freshet::ws::kReadAheadBytes;

constexpr size_t kLimit = 4096;

struct Said {
  Incoming::Kind kind;
  bool text;
  uint16_t code;
  std::vector<uint8_t> payload;
  bool operator==(const Said&) const = default;
};

void check(const Incoming& said) {
  if (said.kind == Incoming::Kind::message) {
    require(said.payload.size() <= kLimit);
    require(!said.text || freshet::valid_utf8(said.payload));
    volatile uint8_t behind = *(said.payload.data() + said.payload.size() + kReadAheadBytes - 1);
    static_cast<void>(behind);
  }
  if (said.kind == Incoming::Kind::ping || said.kind == Incoming::Kind::pong) {
    require(said.payload.size() <= freshet::ws::kMaxControlPayload);
  }
  if (said.kind == Incoming::Kind::failure) {
    require(said.code == 1002 || said.code == 1007 || said.code == 4413);
  }
}

std::vector<Said> read(Bytes stream, size_t piece) {
  FrameReader reader(kLimit);
  std::vector<Said> out;
  std::vector<uint8_t> carry;
  while (!stream.empty()) {
    const Bytes next = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(next.size());
    const size_t size = carry.size() + next.size();
    const auto buffer = std::make_unique<uint8_t[]>(size + kReadAheadBytes);
    std::copy(next.begin(), next.end(), std::copy(carry.begin(), carry.end(), buffer.get()));
    std::span<uint8_t> in(buffer.get(), size);
    for (;;) {
      const Incoming said = reader.next(in);
      check(said);
      if (said.kind == Incoming::Kind::nothing) break;
      out.push_back({said.kind, said.text, said.code, {said.payload.begin(), said.payload.end()}});
      if (said.kind == Incoming::Kind::failure || said.kind == Incoming::Kind::close) return out;
    }
    require(in.size() <= kCarryBytes);
    carry.assign(in.begin(), in.end());
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Bytes stream{data + 1, size - 1};
  require(read(stream, stream.size()) == read(stream, size_t{data[0]} + 1));
  return 0;
}
