// core/residence/state_vector.h: what a document had at one version, for all who were told no more.
//
// One copy for all of them: a document is large, and its slow readers may be many. It is counted
// in the budget while somebody holds it. Lives on the room's shard, so that counting its holders
// takes no lock.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/memory/budget.h"
#include "freshet/bytes.h"

namespace freshet {

class StateVector {
 public:
  // Of nothing: one who has it lacks everything.
  StateVector() = default;
  StateVector(std::vector<uint8_t> bytes, uint64_t version, Budget& budget)
      : copy_(new Copy(std::move(bytes), version, budget)) {
    // Those who hold it are here already, and are not sent away for it.
    copy_->share.hold_anyway(copy_->bytes.capacity());
  }
  StateVector(const StateVector& other) : copy_(other.copy_) {
    if (copy_ != nullptr) ++copy_->holders;
  }
  StateVector(StateVector&& other) noexcept : copy_(std::exchange(other.copy_, nullptr)) {}
  StateVector& operator=(StateVector other) noexcept {
    std::swap(copy_, other.copy_);
    return *this;
  }
  ~StateVector() {
    if (copy_ != nullptr && --copy_->holders == 0) delete copy_;
  }

  Bytes bytes() const { return copy_ == nullptr ? Bytes() : Bytes(copy_->bytes); }
  uint64_t version() const { return copy_ == nullptr ? 0 : copy_->version; }  // 0: of nothing
  // As a client means it that would put its own beginning into an empty document: whether anybody
  // ever wrote into it. One whose content was all deleted is not empty.
  bool has_content() const { return bytes().size() > 1; }  // the count of clients, 0, is one byte

 private:
  struct Copy {
    Copy(std::vector<uint8_t> of, uint64_t at, Budget& budget)
        : bytes(std::move(of)), version(at), share(&budget) {}

    const std::vector<uint8_t> bytes;
    const uint64_t version;
    Share share;
    size_t holders = 1;
  };
  Copy* copy_ = nullptr;
};

}  // namespace freshet
