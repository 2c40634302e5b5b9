#include "app-webhook/dialect/first_document.h"

#include <memory>
#include <random>

#include "freshet/sink.h"

namespace freshet::webhook {

Status first_document(const freshet_crdt& crdt, std::string_view operations, std::string& state) {
  const auto destroy = [&crdt](freshet_doc* doc) { crdt.doc_destroy(crdt.self, doc); };
  const std::unique_ptr<freshet_doc, decltype(destroy)> doc(crdt.doc_create(crdt.self), destroy);
  if (doc == nullptr) return Status::retry;
  // As wide as the ids that clients of Yjs choose.
  const uint64_t client = std::random_device()();
  std::vector<uint8_t> update;
  const Status status{
      crdt.edit(crdt.self, doc.get(), client, to_c(as_bytes(operations)), VectorSink(update).c())};
  state.assign(update.begin(), update.end());
  return status;
}

}  // namespace freshet::webhook
