// core/loop/body.h: the bytes of one outgoing message, shared by all the queues it waits in.
#pragma once

#include <utility>
#include <vector>

#include "freshet/abi/platform.h"
#include "freshet/sink.h"

namespace freshet {

// A reference to a platform's reference-counted body. [any]
class Body {
 public:
  Body() = default;
  // Takes over the reference that body_create gave.
  Body(const freshet_platform& platform, freshet_body* body) : platform_(&platform), body_(body) {}
  Body(const Body& other) : platform_(other.platform_), body_(other.body_) {
    if (body_ != nullptr) platform_->body_ref(platform_->self, body_);
  }
  Body(Body&& other) noexcept
      : platform_(other.platform_), body_(std::exchange(other.body_, nullptr)) {}
  Body& operator=(Body other) noexcept {
    std::swap(platform_, other.platform_);
    std::swap(body_, other.body_);
    return *this;
  }
  ~Body() {
    if (body_ != nullptr) platform_->body_unref(platform_->self, body_);
  }

  freshet_body* get() const { return body_; }
  size_t size() const { return body_ == nullptr ? 0 : body_->size; }

 private:
  const freshet_platform* platform_ = nullptr;
  freshet_body* body_ = nullptr;
};

// What one delivery becomes on one wire: a message, rarely several or none.
using Frames = std::vector<Body>;

inline size_t size_of(const Frames& frames) {
  size_t bytes = 0;
  for (const auto& frame : frames) bytes += frame.size();
  return bytes;
}

// Receives messages straight into bodies.
class FrameSink {
 public:
  FrameSink(const freshet_platform& platform, Frames& out) : platform_(platform), out_(out) {}
  FrameSink(const FrameSink&) = delete;
  FrameSink& operator=(const FrameSink&) = delete;

  const freshet_sink* c() const { return &c_; }

 private:
  static freshet_status write(void* ctx, freshet_bytes item) {
    uint8_t* to = reserve(ctx, item.size);
    if (to == nullptr) return FRESHET_RETRY;
    if (item.size != 0) std::memcpy(to, item.data, item.size);
    return commit(ctx, item.size);
  }
  static uint8_t* reserve(void* ctx, size_t size) {
    auto& self = *static_cast<FrameSink*>(ctx);
    freshet_body* body = self.platform_.body_create(self.platform_.self, size);
    if (body == nullptr) return nullptr;
    self.reserved_ = Body(self.platform_, body);
    return body->data;
  }
  static freshet_status commit(void* ctx, size_t size) {
    auto& self = *static_cast<FrameSink*>(ctx);
    if (self.reserved_.get() == nullptr || size > self.reserved_.size()) return FRESHET_INTERNAL;
    self.reserved_.get()->size = size;
    self.out_.push_back(std::move(self.reserved_));
    return FRESHET_OK;
  }

  const freshet_platform& platform_;
  Frames& out_;
  Body reserved_;
  const freshet_sink c_{this, write, reserve, commit};
};

}  // namespace freshet
