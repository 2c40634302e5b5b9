// core/document.h: a document of the CRDT engine, owned.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "freshet/abi/crdt.h"
#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet {

// Used by one thread at a time. All updates are FRESHET_UPDATE_V1 unless said otherwise.
class Document {
 public:
  explicit Document(const freshet_crdt& crdt) : crdt_(&crdt), doc_(crdt.doc_create(crdt.self)) {}
  Document(Document&& other) noexcept
      : crdt_(other.crdt_), doc_(std::exchange(other.doc_, nullptr)) {}
  Document& operator=(Document&& other) noexcept {
    std::swap(crdt_, other.crdt_);
    std::swap(doc_, other.doc_);
    return *this;
  }
  ~Document() {
    if (doc_ != nullptr) crdt_->doc_destroy(crdt_->self, doc_);
  }

  explicit operator bool() const { return doc_ != nullptr; }  // false: out of memory

  Status apply(uint32_t format, Bytes update, freshet_applied& out) {
    out = {};
    out.size = sizeof(out);
    return Status{crdt_->apply(crdt_->self, doc_, format, to_c(update), &out)};
  }
  // What the store kept: larger than an update of a peer may be.
  Status load(uint32_t format, Bytes update, freshet_applied& out) {
    out = {};
    out.size = sizeof(out);
    return Status{crdt_->load(crdt_->self, doc_, format, to_c(update), &out)};
  }
  Status state_vector(std::vector<uint8_t>& out) const {
    return Status{crdt_->state_vector(crdt_->self, doc_, VectorSink(out).c())};
  }
  // Everything, if `state_vector` is empty.
  Status diff(uint32_t format, Bytes state_vector, std::vector<uint8_t>& out) const {
    return Status{crdt_->diff(crdt_->self, doc_, format, to_c(state_vector), VectorSink(out).c())};
  }
  // One transaction of `client`; `out` stays empty if nothing changed. Status::unsupported: not
  // with this engine.
  Status edit(uint64_t client, Bytes operations, std::vector<uint8_t>& out) {
    if (!FRESHET_HAS(crdt_, edit)) return Status::unsupported;
    return Status{crdt_->edit(crdt_->self, doc_, client, to_c(operations), VectorSink(out).c())};
  }
  Status json(std::vector<uint8_t>& out) const {
    return Status{crdt_->json(crdt_->self, doc_, VectorSink(out).c())};
  }
  freshet_doc_stats stats() const {
    freshet_doc_stats out{};
    out.size = sizeof(out);
    crdt_->stats(crdt_->self, doc_, &out);
    return out;
  }

 private:
  const freshet_crdt* crdt_;
  freshet_doc* doc_;
};

}  // namespace freshet
