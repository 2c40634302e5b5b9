// message_buffer.h: where a message that comes in pieces is put together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "freshet/bytes.h"
#include "platform-ws/limits.h"
#include "platform-ws/websocket/byte_budget.h"

namespace freshet::ws {

// Growing bytes with kReadAheadBytes zeroes behind them. Owns nothing while empty. What it holds
// beyond kKeptBufferBytes is taken from `budget`, if there is one.
class MessageBuffer {
 public:
  explicit MessageBuffer(ByteBudget* budget = nullptr) : budget_(budget) {}
  MessageBuffer(const MessageBuffer&) = delete;
  MessageBuffer& operator=(const MessageBuffer&) = delete;
  ~MessageBuffer() { drop(); }

  size_t size() const { return size_; }
  Bytes view() const { return {data_.get(), size_}; }

  // False, and nothing appended: the budget is used up, or there is no memory. `end`: the size at
  // which the message ends, as far as that is known.
  [[nodiscard]] bool append(Bytes bytes, size_t end = SIZE_MAX) {
    if (bytes.empty()) return true;
    if (size_ + bytes.size() > capacity_ && !grow(size_ + bytes.size(), end)) return false;
    std::memcpy(data_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return true;
  }

  // Makes the bytes behind the content readable. Call before handing out view().
  void seal() {
    if (capacity_ == 0) static_cast<void>(grow(0, 0));  // little enough to need no budget
    std::memset(data_.get() + size_, 0, kReadAheadBytes);
  }

  void clear() {
    size_ = 0;
    if (capacity_ > kKeptBufferBytes) drop();
  }

  void drop() {
    if (budget_ != nullptr) budget_->give(counted(capacity_));
    data_.reset();
    size_ = capacity_ = 0;
  }

 private:
  static size_t counted(size_t capacity) { return capacity > kKeptBufferBytes ? capacity : 0; }

  bool grow(size_t needed, size_t end) {
    const size_t capacity = std::max({needed, std::min(capacity_ * 2, end), size_t{1024}});
    if (budget_ != nullptr && !budget_->take(counted(capacity) - counted(capacity_))) return false;
    // What is large moves by its page table: copying megabytes would hold up the loop.
    void* grown = std::realloc(data_.get(), capacity + kReadAheadBytes);
    if (grown == nullptr) {
      if (budget_ != nullptr) budget_->give(counted(capacity) - counted(capacity_));
      return false;
    }
    static_cast<void>(data_.release());
    data_.reset(static_cast<uint8_t*>(grown));
    capacity_ = capacity;
    return true;
  }

  struct Free {
    void operator()(uint8_t* data) const { std::free(data); }
  };

  ByteBudget* budget_;

  std::unique_ptr<uint8_t[], Free> data_;
  size_t size_ = 0, capacity_ = 0;  // capacity_ without the read-ahead
};

}  // namespace freshet::ws
