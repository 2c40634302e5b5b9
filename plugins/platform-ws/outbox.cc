#include "outbox.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "limits.h"

namespace freshet::ws {

namespace {

// Dead bytes at the front of a buffer that are worth moving the rest for.
constexpr size_t kWorthMoving = 64 * 1024;
constexpr size_t kPiecesWorthMoving = 1024;

}  // namespace

Outbox::~Outbox() {
  for (size_t i = first_; i < pieces_.size(); ++i) {
    if (pieces_[i].body != nullptr) SharedBody::unref(pieces_[i].body);
  }
}

void Outbox::push(Bytes head, Bytes tail, freshet_body* body) {
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

Bytes Outbox::rest_of(const Piece& piece, size_t inline_at) const {
  if (piece.body != nullptr) return {piece.body->data, piece.size};
  return Bytes(inline_).subspan(inline_at, piece.size);
}

size_t Outbox::gather(std::span<iovec> out) const {
  size_t used = 0, inline_at = inline_head_;
  bool joined = false;  // the last iovec ends at inline_at
  for (size_t i = first_; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    Bytes bytes = rest_of(piece, inline_at);
    if (piece.body == nullptr) inline_at += piece.size;
    if (i == first_) bytes = bytes.subspan(first_taken_);
    if (joined && piece.body == nullptr) {
      out[used - 1].iov_len += bytes.size();
      continue;
    }
    if (used == out.size()) break;
    out[used++] = {const_cast<uint8_t*>(bytes.data()), bytes.size()};
    joined = piece.body == nullptr;
  }
  return used;
}

size_t Outbox::peek(std::span<uint8_t> out) const {
  size_t filled = 0, inline_at = inline_head_;
  for (size_t i = first_; i < pieces_.size() && filled < out.size(); ++i) {
    Bytes bytes = rest_of(pieces_[i], inline_at);
    if (pieces_[i].body == nullptr) inline_at += pieces_[i].size;
    if (i == first_) bytes = bytes.subspan(first_taken_);
    const size_t size = std::min(bytes.size(), out.size() - filled);
    std::memcpy(out.data() + filled, bytes.data(), size);
    filled += size;
  }
  return filled;
}

void Outbox::consume(size_t size) {
  assert(size <= bytes_);
  bytes_ -= size;
  size += first_taken_;
  while (first_ < pieces_.size() && size >= pieces_[first_].size) {
    const Piece& piece = pieces_[first_++];
    size -= piece.size;
    mid_message_ = !piece.last;
    if (piece.body != nullptr) {
      SharedBody::unref(piece.body);
    } else {
      inline_head_ += piece.size;
    }
  }
  first_taken_ = size;
  tidy();
}

void Outbox::drop_unstarted() {
  size_t end = first_, inline_end = inline_head_;
  if (first_taken_ > 0 || mid_message_) {
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
  tidy();
}

// Gives memory back, and moves what is left to the front when that is little against what has gone.
void Outbox::tidy() {
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
