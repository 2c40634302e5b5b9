// freshet/sink.h: how bytes go back to a caller, in C++.
#pragma once

#include <cstring>
#include <functional>
#include <new>
#include <vector>

#include "freshet/abi/base.h"
#include "freshet/bytes.h"
#include "freshet/result.h"

namespace freshet {

inline Bytes view(freshet_bytes bytes) { return {bytes.data, bytes.size}; }
inline std::string_view view(freshet_str text) { return {text.data, text.size}; }
inline freshet_bytes to_c(Bytes bytes) { return {bytes.data(), bytes.size()}; }
inline freshet_str to_c(std::string_view text) { return {text.data(), text.size()}; }

// Where a method puts the items it produces; see freshet_sink. Valid during the call.
class Sink {
 public:
  explicit Sink(const freshet_sink* c) : c_(c) {}

  Status write(Bytes item) const { return Status{c_->write(c_->ctx, to_c(item))}; }
  Status write(std::string_view item) const { return write(as_bytes(item)); }

  // Room for an item of up to `size` bytes; null over the receiver's bound.
  uint8_t* reserve(size_t size) const { return c_->reserve(c_->ctx, size); }
  Status commit(size_t size) const { return Status{c_->commit(c_->ctx, size)}; }

 private:
  const freshet_sink* c_;
};

// What a receiver does with memory that there may not be. A caller is told by a status, as nothing
// thrown may pass through it.
template <class F>
Status if_memory(F&& f) noexcept {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return Status::retry;
  }
}

// The receiving end: hands each item, borrowed, to a function. `limit` bounds an item's size.
class ItemSink {
 public:
  using Receive = std::function<Status(Bytes)>;

  explicit ItemSink(Receive receive, size_t limit = SIZE_MAX)
      : receive_(std::move(receive)), limit_(limit) {}
  ItemSink(const ItemSink&) = delete;
  ItemSink& operator=(const ItemSink&) = delete;

  const freshet_sink* c() const { return &c_; }

 private:
  static freshet_status write(void* ctx, freshet_bytes item) {
    auto& self = *static_cast<ItemSink*>(ctx);
    if (item.size > self.limit_) return FRESHET_TOO_LARGE;
    return static_cast<freshet_status>(if_memory([&] { return self.receive_(view(item)); }));
  }
  static uint8_t* reserve(void* ctx, size_t size) {
    auto& self = *static_cast<ItemSink*>(ctx);
    if (size > self.limit_) return nullptr;
    const Status status = if_memory([&] {
      self.scratch_.resize(size);
      return Status::ok;
    });
    return status == Status::ok ? self.scratch_.data() : nullptr;
  }
  static freshet_status commit(void* ctx, size_t size) {
    auto& self = *static_cast<ItemSink*>(ctx);
    if (size > self.scratch_.size()) return FRESHET_INTERNAL;
    return write(ctx, {self.scratch_.data(), size});
  }

  Receive receive_;
  size_t limit_;
  std::vector<uint8_t> scratch_;
  const freshet_sink c_{this, write, reserve, commit};
};

// The receiving end of one item, which is appended to a vector in place.
class VectorSink {
 public:
  explicit VectorSink(std::vector<uint8_t>& out, size_t limit = SIZE_MAX)
      : out_(out), limit_(limit) {}
  VectorSink(const VectorSink&) = delete;
  VectorSink& operator=(const VectorSink&) = delete;

  const freshet_sink* c() const { return &c_; }
  Sink sink() const { return Sink(&c_); }

 private:
  static freshet_status write(void* ctx, freshet_bytes item) {
    auto& self = *static_cast<VectorSink*>(ctx);
    if (item.size > self.limit_) return FRESHET_TOO_LARGE;
    return static_cast<freshet_status>(if_memory([&] {
      self.out_.insert(self.out_.end(), item.data, item.data + item.size);
      return Status::ok;
    }));
  }
  static uint8_t* reserve(void* ctx, size_t size) {
    auto& self = *static_cast<VectorSink*>(ctx);
    if (size > self.limit_) return nullptr;
    self.begin_ = self.out_.size();
    const Status status = if_memory([&] {
      self.out_.resize(self.begin_ + size);
      return Status::ok;
    });
    return status == Status::ok ? self.out_.data() + self.begin_ : nullptr;
  }
  static freshet_status commit(void* ctx, size_t size) {
    auto& self = *static_cast<VectorSink*>(ctx);
    const bool fits = self.begin_ + size <= self.out_.size();
    self.out_.resize(self.begin_ + (fits ? size : 0));
    return fits ? FRESHET_OK : FRESHET_INTERNAL;
  }

  std::vector<uint8_t>& out_;
  size_t limit_;
  size_t begin_ = 0;
  const freshet_sink c_{this, write, reserve, commit};
};

// The items of a slow answer; see freshet_reply. The wrapper calls done with the method's status.
class Reply {
 public:
  explicit Reply(freshet_reply c) : c_(c) {}

  Status write(uint32_t kind, uint64_t number, Bytes bytes = {}) const {
    const freshet_item item{kind, number, to_c(bytes)};
    return Status{c_.to->write(c_.to->ctx, c_.token, &item)};
  }
  Status write(uint32_t kind, Bytes bytes) const { return write(kind, 0, bytes); }
  Status write(uint32_t kind, std::string_view text) const {
    return write(kind, 0, as_bytes(text));
  }

 private:
  freshet_reply c_;
};

// The same for a call that may be answered after it has returned: by done(), once, from any thread.
class LateReply : public Reply {
 public:
  explicit LateReply(freshet_reply c) : Reply(c), c_(c) {}

  void done(Status status) const {
    c_.to->done(c_.to->ctx, c_.token, static_cast<freshet_status>(status));
  }

 private:
  freshet_reply c_;
};

}  // namespace freshet
