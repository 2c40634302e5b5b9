// core/store/document.h: a document of the CRDT engine, owned.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/memory/budget.h"
#include "core/report/in_plugin.h"
#include "freshet/abi/crdt.h"
#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet {

// Used by one thread at a time. All updates are FRESHET_UPDATE_V1 unless said otherwise.
//
// What it takes in memory counts in a budget, if it has one. Before an update goes in, make_room()
// sees to it that there is enough for it; once it is in, what it came to takes the place of a large
// guess, and with settle() of any. After Status::internal from apply, load or edit it is good for
// nothing any more.
class Document {
 public:
  explicit Document(const freshet_crdt& crdt, Budget* budget = nullptr)
      : crdt_(&crdt), doc_(crdt.doc_create(crdt.self)), share_(budget) {
    if (doc_ != nullptr) settle();
  }
  Document(Document&& other) noexcept
      : crdt_(other.crdt_),
        doc_(std::exchange(other.doc_, nullptr)),
        share_(std::move(other.share_)),
        spare_bytes_(std::exchange(other.spare_bytes_, 0)),
        guessed_(std::exchange(other.guessed_, false)) {}
  Document& operator=(Document&& other) noexcept {
    std::swap(crdt_, other.crdt_);
    std::swap(doc_, other.doc_);
    std::swap(share_, other.share_);
    std::swap(spare_bytes_, other.spare_bytes_);
    std::swap(guessed_, other.guessed_);
    return *this;
  }
  ~Document() {
    if (doc_ != nullptr) crdt_->doc_destroy(crdt_->self, doc_);
  }

  explicit operator bool() const { return doc_ != nullptr; }  // false: out of memory

  // For an update that is about to go in. Status::limit: the document would pass `limit_bytes`.
  // Status::retry: the budget is used up now.
  Status make_room(uint32_t format, Bytes update, size_t limit_bytes) {
    const size_t most = most_growth(update.size());
    if (most > spare_bytes_) return make_more_room(format, update, limit_bytes);
    spare_bytes_ -= most;
    return Status::ok;
  }
  void settle();

  Status apply(uint32_t format, Bytes update, freshet_applied& out) {
    out = {};
    out.size = sizeof(out);
    const InPlugin inside("the engine's apply");
    const Status status{crdt_->apply(crdt_->self, doc_, format, to_c(update), &out)};
    if (guessed_) settle_guess();
    return status;
  }
  // What the store kept: larger than an update of a peer may be.
  Status load(uint32_t format, Bytes update, freshet_applied& out) {
    out = {};
    out.size = sizeof(out);
    const InPlugin inside("the engine's load");
    return Status{crdt_->load(crdt_->self, doc_, format, to_c(update), &out)};
  }
  Status state_vector(std::vector<uint8_t>& out) const {
    const InPlugin inside("the engine's state_vector");
    return Status{crdt_->state_vector(crdt_->self, doc_, VectorSink(out).c())};
  }
  // Everything, if `state_vector` is empty.
  Status diff(uint32_t format, Bytes state_vector, std::vector<uint8_t>& out) const {
    const InPlugin inside("the engine's diff");
    return Status{crdt_->diff(crdt_->self, doc_, format, to_c(state_vector), VectorSink(out).c())};
  }
  // One transaction of `client`; `out` stays empty if nothing changed. Status::unsupported: not
  // with this engine.
  Status edit(uint64_t client, Bytes operations, std::vector<uint8_t>& out) {
    if (!FRESHET_HAS(crdt_, edit)) return Status::unsupported;
    const InPlugin inside("the engine's edit");
    return Status{crdt_->edit(crdt_->self, doc_, client, to_c(operations), VectorSink(out).c())};
  }
  // Whether to apply it would change nothing; false if the engine cannot tell.
  bool knows(uint32_t format, Bytes update) const {
    uint8_t known = 0;
    return FRESHET_HAS(crdt_, knows) &&
           crdt_->knows(crdt_->self, doc_, format, to_c(update), &known) == FRESHET_OK &&
           known != 0;
  }
  Status json(std::vector<uint8_t>& out) const {
    const InPlugin inside("the engine's json");
    return Status{crdt_->json(crdt_->self, doc_, VectorSink(out).c())};
  }
  // See freshet_crdt. Status::unsupported: not with this engine.
  Status outline(uint32_t limit, std::vector<uint8_t>& out) const {
    if (!FRESHET_HAS(crdt_, outline)) return Status::unsupported;
    const InPlugin inside("the engine's outline");
    return Status{crdt_->outline(crdt_->self, doc_, limit, VectorSink(out).c())};
  }
  freshet_doc_stats stats() const {
    freshet_doc_stats out{};
    out.size = sizeof(out);
    crdt_->stats(crdt_->self, doc_, &out);
    return out;
  }

 private:
  // No update makes a document grow by more, as far as is known; most by far less.
  static constexpr size_t most_growth(size_t update_bytes) { return 40 * update_bytes + 1024; }
  Status make_more_room(uint32_t format, Bytes update, size_t limit_bytes);
  void settle_guess();

  const freshet_crdt* crdt_;
  freshet_doc* doc_;
  Share share_;
  size_t spare_bytes_ = 0;  // of the share: for updates to come
  bool guessed_ = false;    // the share holds what one update might take at most
};

}  // namespace freshet
