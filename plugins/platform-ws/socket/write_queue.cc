#include "platform-ws/socket/write_queue.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <iterator>
#include <utility>

#include "platform-ws/limits.h"

namespace freshet::ws {

namespace {

// Dead bytes at the front of a buffer that are worth moving the rest for.
constexpr size_t kWorthMoving = 64 * 1024;
constexpr size_t kPiecesWorthMoving = 1024;

}  // namespace

WriteQueue::~WriteQueue() {
  for (size_t i = first_; i < pieces_.size(); ++i) {
    if (pieces_[i].body != nullptr) SharedBody::unref(pieces_[i].body);
  }
}

void WriteQueue::push(Bytes head, Bytes tail, freshet_body* body) {
  const bool copied = body == nullptr || body->size <= kInlineBodyBytes;
  inline_.insert(inline_.end(), head.begin(), head.end());
  inline_.insert(inline_.end(), tail.begin(), tail.end());
  size_t small = head.size() + tail.size();
  if (copied && body != nullptr) {
    inline_.insert(inline_.end(), body->data, body->data + body->size);
    small += body->size;
  }
  bytes_ += small;
  if (small > 0) pieces_.push_back({.body = nullptr, .size = small, .last = copied});
  if (copied) return;
  SharedBody::ref(body);
  pieces_.push_back({.body = body, .size = body->size, .last = true});
  bytes_ += body->size;
}

bool WriteQueue::push_urgent(Bytes head, Bytes tail) {
  const size_t size = head.size() + tail.size();
  if (urgent_bytes_ + size > kMaxUrgentBytes) return false;
  std::vector<uint8_t>& message = (peeked_ ? late_ : urgent_).emplace_back();
  message.reserve(size);
  message.insert(message.end(), head.begin(), head.end());
  message.insert(message.end(), tail.begin(), tail.end());
  urgent_bytes_ += size;
  bytes_ += size;
  return true;
}

Bytes WriteQueue::rest_of(const Piece& piece, size_t inline_at) const {
  if (piece.body != nullptr) return {piece.body->data, piece.size};
  return Bytes(inline_).subspan(inline_at, piece.size);
}

// Shows all that waits to `take`, run by run in the order it leaves, until that is false.
template <class F>
void WriteQueue::walk(F&& take) const {
  size_t inline_at = inline_head_;
  bool urgent_due = !urgent_.empty(), between = !mid_message();
  for (size_t i = first_;; ++i) {
    if (between && std::exchange(urgent_due, false)) {
      for (const auto& message : urgent_) {
        const size_t taken = &message == &urgent_.front() ? urgent_taken_ : 0;
        if (!take(Bytes(message).subspan(taken))) return;
      }
    }
    if (i == pieces_.size()) return;
    Bytes bytes = rest_of(pieces_[i], inline_at);
    if (pieces_[i].body == nullptr) inline_at += pieces_[i].size;
    if (i == first_) bytes = bytes.subspan(first_taken_);
    if (!take(bytes)) return;
    between = pieces_[i].last;
  }
}

size_t WriteQueue::gather(std::span<iovec> out) const {
  size_t used = 0;
  const uint8_t* end = nullptr;  // of the last iovec
  walk([&](Bytes bytes) {
    const bool joined = bytes.data() == end;
    end = bytes.data() + bytes.size();
    if (joined) {
      out[used - 1].iov_len += bytes.size();
      return true;
    }
    if (used == out.size()) return false;
    out[used++] = {const_cast<uint8_t*>(bytes.data()), bytes.size()};
    return true;
  });
  return used;
}

size_t WriteQueue::peek(std::span<uint8_t> out) {
  peeked_ = true;
  size_t filled = 0;
  walk([&](Bytes bytes) {
    const size_t size = std::min(bytes.size(), out.size() - filled);
    std::memcpy(out.data() + filled, bytes.data(), size);
    filled += size;
    return filled < out.size();
  });
  return filled;
}

void WriteQueue::consume(size_t size) {
  assert(size <= bytes_);
  bytes_ -= size;
  while (size > 0) {
    size -= !urgent_.empty() && !mid_message() ? consume_urgent(size) : consume_piece(size);
  }
  peeked_ = false;
  std::ranges::move(late_, std::back_inserter(urgent_));
  late_.clear();
  tidy();
}

// Takes off no more than one message or piece, and says how much that was.
size_t WriteQueue::consume_urgent(size_t size) {
  const size_t taken = std::min(size, urgent_.front().size() - urgent_taken_);
  urgent_bytes_ -= taken;
  urgent_taken_ += taken;
  if (urgent_taken_ < urgent_.front().size()) return taken;
  urgent_.erase(urgent_.begin());
  urgent_taken_ = 0;
  return taken;
}

size_t WriteQueue::consume_piece(size_t size) {
  const Piece& piece = pieces_[first_];
  const size_t taken = std::min(size, piece.size - first_taken_);
  first_taken_ += taken;
  if (first_taken_ < piece.size) return taken;
  first_taken_ = 0;
  ++first_;
  mid_message_ = !piece.last;
  if (piece.body != nullptr) {
    SharedBody::unref(piece.body);
  } else {
    inline_head_ += piece.size;
  }
  return taken;
}

void WriteQueue::drop_unstarted() {
  size_t end = first_, inline_end = inline_head_;
  if (mid_message()) {
    bool last = false;
    while (end < pieces_.size() && !last) {
      last = pieces_[end].last;
      if (pieces_[end].body == nullptr) inline_end += pieces_[end].size;
      ++end;
    }
  }
  for (size_t i = end; i < pieces_.size(); ++i) {
    bytes_ -= pieces_[i].size;
    if (pieces_[i].body != nullptr) SharedBody::unref(pieces_[i].body);
  }
  pieces_.resize(end);
  inline_.resize(inline_end);
  bytes_ -= urgent_bytes_;
  urgent_.resize(urgent_taken_ > 0 ? 1 : 0);
  late_.clear();
  urgent_bytes_ = urgent_.empty() ? 0 : urgent_.front().size() - urgent_taken_;
  bytes_ += urgent_bytes_;
  tidy();
}

// Gives memory back, and moves what is left to the front when that is little against what has gone.
void WriteQueue::tidy() {
  if (bytes_ == 0) {
    pieces_.clear();
    inline_.clear();
    first_ = inline_head_ = first_taken_ = 0;
    if (inline_.capacity() > kKeptBufferBytes) std::vector<uint8_t>().swap(inline_);
    if (pieces_.capacity() * sizeof(Piece) > kKeptBufferBytes) std::vector<Piece>().swap(pieces_);
    return;
  }
  if (inline_head_ > kWorthMoving && inline_head_ > inline_.size() / 2) {
    inline_.erase(inline_.begin(), inline_.begin() + static_cast<ptrdiff_t>(inline_head_));
    inline_head_ = 0;
  }
  if (first_ > kPiecesWorthMoving && first_ > pieces_.size() / 2) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
  }
}

}  // namespace freshet::ws
