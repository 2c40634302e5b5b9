#include "core/residence/long_update.h"

#include "core/report/in_plugin.h"

namespace freshet {

void LongUpdate::apply(const freshet_crdt& crdt, size_t document_limit_bytes) {
  if (kind == Kind::diff) {
    status = document->diff(FRESHET_UPDATE_V1, bytes, rewritten);
    return document->settle();
  }
  if (kind == Kind::others) {
    // However large: another node has let it in.
    status = document->make_room(format, bytes, SIZE_MAX);
    if (status == Status::ok) status = document->load(format, bytes, applied);
    return document->settle();
  }
  status = document->make_room(format, bytes, document_limit_bytes);
  if (status == Status::ok) status = document->apply(format, bytes, applied);
  if (status == Status::ok && applied.canonical == 0) {
    status = passed_on(crdt, *document, format, bytes, rewritten);
  }
  document->settle();
}

Status passed_on(const freshet_crdt& crdt, const Document& document, uint32_t format, Bytes update,
                 std::vector<uint8_t>& out) {
  const InPlugin inside("the engine's reencode");
  const Status status{crdt.reencode(crdt.self, format, to_c(update), VectorSink(out).c())};
  if (status == Status::ok) return status;
  // The document has it already, so it must be journaled in some form: the whole state always is
  // one. Without that, what is in memory is not what is stored.
  out.clear();
  return document.diff(format, {}, out) == Status::ok ? Status::ok : Status::internal;
}

}  // namespace freshet
