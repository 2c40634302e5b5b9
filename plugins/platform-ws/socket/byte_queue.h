// byte_queue.h: bytes that wait, in memory that comes and goes with them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::ws {

// In chunks that grow with what is there, each no more than an eighth of it: so little is held that
// holds nothing, nothing that waits is ever moved, and the memory of what has left is given back.
class ByteQueue {
  struct Chunk {
    std::unique_ptr<uint8_t[]> data;
    size_t capacity, end;
  };

 public:
  // What a queue in use keeps when it is empty.
  explicit ByteQueue(size_t least_bytes) : least_bytes_(least_bytes) {}

  size_t size() const { return size_; }
  // Of all chunks and what keeps them in order.
  size_t memory_bytes() const { return chunk_bytes_ + chunks_.capacity() * sizeof(Chunk); }

  void push(Bytes bytes) {
    if (bytes.empty()) return;
    if (bytes.size() > room()) [[unlikely]]
      return push_across(bytes);
    append(bytes);
  }
  void push(uint8_t byte) {
    if (room() == 0) [[unlikely]]
      add_chunk(1);
    Chunk& last = chunks_.back();
    last.data[last.end++] = byte;
    ++size_;
  }
  // Both REQUIRE: size <= size().
  void drop_front(size_t size);
  void keep_front(size_t size);

  // Reads from the front on and takes nothing away. Good until the queue changes.
  class Reader {
   public:
    explicit Reader(const ByteQueue& from)
        : left_(from.size_), at_(from.taken_), chunk_(from.chunks_.data()) {}

    size_t left() const { return left_; }
    bool at_end() const { return left_ == 0; }
    // Some of the next bytes, which lie together. REQUIRES: not at_end(), most > 0.
    Bytes next(size_t most) {
      if (at_ == chunk_->end) {
        ++chunk_;
        at_ = 0;
      }
      const size_t size = std::min(most, chunk_->end - at_);
      const Bytes bytes(chunk_->data.get() + at_, size);
      at_ += size;
      left_ -= size;
      return bytes;
    }

    uint8_t next_byte() { return next(1)[0]; }

   private:
    size_t left_, at_;
    const Chunk* chunk_;
  };

 private:
  size_t room() const { return chunks_.empty() ? 0 : chunks_.back().capacity - chunks_.back().end; }
  void append(Bytes bytes) {
    Chunk& last = chunks_.back();
    std::memcpy(last.data.get() + last.end, bytes.data(), bytes.size());
    last.end += bytes.size();
    size_ += bytes.size();
  }
  void push_across(Bytes bytes);
  void add_chunk(size_t wanted);
  void drop_chunks(size_t from, size_t to);
  void rest();

  const size_t least_bytes_;
  std::vector<Chunk> chunks_;
  size_t taken_ = 0;  // bytes of the first that have left
  size_t size_ = 0, chunk_bytes_ = 0;
};

}  // namespace freshet::ws
