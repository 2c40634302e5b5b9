// A frame of y-websocket: what is read stays inside it, and writing it makes the same frame again.
#include <algorithm>

#include "freshet/format/codec.h"
#include "protocol-yjs/wire.h"
#include "require.h"

namespace {

using freshet::Bytes;
using freshet::fuzz::require;
using freshet::yjs::MessageKind;

void require_same_again(const freshet::yjs::Message& message,
                        freshet::Status (*write)(Bytes, freshet::Sink)) {
  std::vector<uint8_t> frame;
  freshet::VectorSink sink(frame);
  require(write(message.payload, sink.sink()) == freshet::Status::ok);
  const auto again = freshet::yjs::read_message(frame);
  require(again && again->kind == message.kind);
  require(std::ranges::equal(again->payload, message.payload));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto message = freshet::yjs::read_message({data, size});
  if (!message) return 0;
  const Bytes payload = message->payload;
  require(payload.empty() ||
          (payload.data() > data && payload.data() + payload.size() <= data + size));
  switch (message->kind) {
    case MessageKind::step1: require_same_again(*message, freshet::yjs::write_step1); break;
    case MessageKind::step2: require_same_again(*message, freshet::yjs::write_step2); break;
    case MessageKind::update: require_same_again(*message, freshet::yjs::write_update); break;
    default: break;
  }
  return 0;
}
