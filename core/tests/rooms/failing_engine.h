// core/tests/rooms/failing_engine.h: the real engine, but for one call that it is told to fail.
#pragma once

#include <new>
#include <utility>

#include "freshet/abi/crdt.h"

namespace freshet::sim {

// One at a time.
class FailingEngine {
 public:
  FailingEngine() = default;
  FailingEngine(const FailingEngine&) = delete;
  FailingEngine& operator=(const FailingEngine&) = delete;

  const freshet_crdt* wrap(const freshet_crdt* real) {
    self_ = this;
    real_ = real;
    table_ = *real;
    table_.apply = [](void* engine, freshet_doc* doc, uint32_t format, freshet_bytes update,
                      freshet_applied* out) {
      const freshet_status with = std::exchange(self_->apply_, FRESHET_OK);
      return with != FRESHET_OK ? with : self_->real_->apply(engine, doc, format, update, out);
    };
    table_.state_vector = [](void* engine, const freshet_doc* doc, const freshet_sink* out) {
      if (std::exchange(self_->throws_, false)) throw std::bad_alloc();
      const freshet_status with = std::exchange(self_->state_vector_, FRESHET_OK);
      return with != FRESHET_OK ? with : self_->real_->state_vector(engine, doc, out);
    };
    return &table_;
  }
  // The next of its kind.
  void fail_apply(freshet_status with) { apply_ = with; }
  void fail_state_vector(freshet_status with) { state_vector_ = with; }
  void run_out() { throws_ = true; }  // in the next state_vector

 private:
  static inline FailingEngine* self_ = nullptr;
  const freshet_crdt* real_ = nullptr;
  freshet_crdt table_{};
  freshet_status apply_ = FRESHET_OK;
  freshet_status state_vector_ = FRESHET_OK;
  bool throws_ = false;
};

}  // namespace freshet::sim
