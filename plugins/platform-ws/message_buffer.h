// message_buffer.h: where a message that comes in pieces is put together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "freshet/bytes.h"
#include "limits.h"

namespace freshet::ws {

// Growing bytes with kReadAheadBytes zeroes behind them. Owns nothing while empty.
class MessageBuffer {
 public:
  size_t size() const { return size_; }
  Bytes view() const { return {data_.get(), size_}; }

  void append(Bytes bytes) {
    if (bytes.empty()) return;
    if (size_ + bytes.size() > capacity_) grow(size_ + bytes.size());
    std::memcpy(data_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  // Makes the bytes behind the content readable. Call before handing out view().
  void seal() {
    if (capacity_ == 0) grow(0);
    std::memset(data_.get() + size_, 0, kReadAheadBytes);
  }

  void clear() {
    size_ = 0;
    if (capacity_ > kKeptBufferBytes) {
      data_.reset();
      capacity_ = 0;
    }
  }

 private:
  void grow(size_t needed) {
    const size_t capacity = std::max({needed, capacity_ * 2, size_t{1024}});
    auto grown = std::make_unique_for_overwrite<uint8_t[]>(capacity + kReadAheadBytes);
    if (size_ > 0) std::memcpy(grown.get(), data_.get(), size_);
    data_ = std::move(grown);
    capacity_ = capacity;
  }

  std::unique_ptr<uint8_t[]> data_;
  size_t size_ = 0, capacity_ = 0;  // capacity_ without the read-ahead
};

}  // namespace freshet::ws
