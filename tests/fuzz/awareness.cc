// An awareness update: what is accepted is written and read again as the same entries.
#include <algorithm>

#include "freshet/format/awareness.h"
#include "freshet/format/codec.h"
#include "protocol-yjs/wire.h"
#include "require.h"

namespace {

using freshet::fuzz::require;

constexpr size_t kEntries = 32;

bool same(const freshet_presence& a, const freshet_presence& b) {
  return a.client == b.client && a.clock == b.clock &&
         (a.json.data == nullptr) == (b.json.data == nullptr) &&
         freshet::view(a.json) == freshet::view(b.json);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<freshet_presence> entries;
  const auto status = freshet::read_awareness({data, size}, kEntries, entries);
  if (status != freshet::Status::ok) return 0;
  require(entries.size() <= kEntries);

  std::vector<uint8_t> frame;
  freshet::VectorSink sink(frame);
  require(freshet::yjs::write_awareness(entries, sink.sink()) == freshet::Status::ok);
  const auto message = freshet::yjs::read_message(frame);
  require(message && message->kind == freshet::yjs::MessageKind::awareness);
  std::vector<freshet_presence> again;
  require(freshet::read_awareness(message->payload, kEntries, again) == freshet::Status::ok);
  require(std::ranges::equal(entries, again, same));
  return 0;
}
