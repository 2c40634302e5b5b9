// A socket of Hocuspocus: what is read stays inside its frame and is written as it was, and a
// connection gives back all that waits on it, whatever comes in whichever order.
#include <algorithm>

#include "protocol-hocuspocus/counting.h"
#include "protocol-hocuspocus/limits.h"
#include "protocol-hocuspocus/stateless.h"
#include "protocol-hocuspocus/waiting.h"
#include "protocol-hocuspocus/wire.h"
#include "require.h"

namespace {

using freshet::Bytes;
using freshet::fuzz::require;
using namespace freshet::hocuspocus;

bool is_inside(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void require_same_again(const Message& message, freshet::Status (*write)(Bytes, freshet::Sink)) {
  std::vector<uint8_t> frame = prefix_of(message.address);
  std::vector<uint8_t> content;
  require(write(message.payload, freshet::VectorSink(content).sink()) == freshet::Status::ok);
  frame.insert(frame.end(), content.begin(), content.end());
  const auto again = read_message(frame);
  require(again && again->kind == message.kind && again->address == message.address);
  require(std::ranges::equal(again->payload, message.payload));
}

void read_one(Bytes frame, Counting& counting, Waiting& waiting) {
  const auto message = read_message(frame);
  if (!message) return;
  require(is_inside(message->payload, frame));
  require(is_inside(freshet::as_bytes(message->address), frame));
  require(message->address.size() <= kMaxAddressBytes);
  switch (message->kind) {
    case Kind::step1:
      require_same_again(*message, write_step1);
      static_cast<void>(counting.begin(message->payload));
      break;
    case Kind::step2:
      require_same_again(*message, write_step2);
      counting.end();
      break;
    case Kind::update:
      require_same_again(*message, write_update);
      static_cast<void>(counting.counts(message->payload, true));
      break;
    case Kind::stateless: {
      const std::string_view text = freshet::as_text(message->payload);
      const Event event = event_of(text);
      require(text_of(event.name, event.json) == text);
      break;
    }
    default: break;
  }
  static_cast<void>(waiting.push(message->kind, frame, true));
}

}  // namespace

// Frames, each behind its length in a byte.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kSpaceBytes = 1000, kSpaceMessages = 20;
  WaitingSpace space(kSpaceBytes, kSpaceMessages);
  const Line line;
  {
    Counting counting(line);
    Waiting waiting(space);
    Bytes rest(data, size);
    while (!rest.empty()) {
      const size_t length = std::min<size_t>(rest[0], rest.size() - 1);
      read_one(rest.subspan(1, length), counting, waiting);
      rest = rest.subspan(1 + length);
    }
    waiting.forget_updates();
  }
  require(space.take(kSpaceBytes));
  for (size_t i = 1; i < kSpaceMessages; ++i) require(space.take(0));
  require(!space.take(0));
  return 0;
}
