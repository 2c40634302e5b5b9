#include "platform-ws/socket/write_queue.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <iterator>
#include <utility>

#include "platform-ws/limits.h"

namespace freshet::ws {

namespace {

// Of bodies that have left: so many are worth moving the rest for.
constexpr size_t kBodiesWorthMoving = 64;

}  // namespace

WriteQueue::~WriteQueue() {
  for (size_t i = first_body_; i < bodies_.size(); ++i) SharedBody::unref(bodies_[i]);
}

size_t WriteQueue::memory_bytes() const {
  if (bytes_ == 0) return 0;
  return copied_.memory_bytes() + messages_.memory_bytes() +
         bodies_.capacity() * sizeof(freshet_body*) + body_bytes() + urgent_bytes_;
}

void WriteQueue::push(Bytes head, Bytes tail, freshet_body* body) {
  const bool shared = body != nullptr && body->size > kInlineBodyBytes;
  const Bytes copied = body == nullptr || shared ? Bytes{} : Bytes{body->data, body->size};
  const size_t small = head.size() + tail.size() + copied.size();
  if (small == 0 && !shared) return;
  push_message({.small = small, .shared = shared});
  for (const Bytes part : {head, tail, copied}) copied_.push(part);
  bytes_ += small;
  if (!shared) return;
  bodies_.push_back(body);
  SharedBody::ref(body);
  bytes_ += body->size;
}

void WriteQueue::push_message(Message message) {
  uint64_t rest = uint64_t{message.small} << 1 | (message.shared ? 1 : 0);
  for (; rest >= 0x80; rest >>= 7) messages_.push(static_cast<uint8_t>(rest | 0x80));
  messages_.push(static_cast<uint8_t>(rest));
}

WriteQueue::Message WriteQueue::read_message(ByteQueue::Reader& from) {
  uint8_t byte = from.next_byte();
  uint64_t value = byte & 0x7fu;
  for (int shift = 7; byte >= 0x80; shift += 7) {
    byte = from.next_byte();
    value |= uint64_t{byte & 0x7fu} << shift;
  }
  return {.small = value >> 1, .shared = (value & 1) != 0};
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

// Shows all that waits to `take`, run by run in the order it leaves, until that is false.
template <class F>
void WriteQueue::walk(F&& take) const {
  ByteQueue::Reader copied(copied_), messages(messages_);
  bool urgent_due = !urgent_.empty();
  size_t body = first_body_, gone = taken_;
  for (;; gone = 0) {
    if (gone == 0 && std::exchange(urgent_due, false)) {
      for (const auto& message : urgent_) {
        const size_t taken = &message == &urgent_.front() ? urgent_taken_ : 0;
        if (!take(Bytes(message).subspan(taken))) return;
      }
    }
    if (messages.at_end()) return;
    const Message next = read_message(messages);
    for (size_t left = next.small - std::min(gone, next.small); left > 0;) {
      const Bytes bytes = copied.next(left);
      left -= bytes.size();
      if (!take(bytes)) return;
    }
    if (!next.shared) continue;
    const freshet_body& shared = *bodies_[body++];
    if (!take(Bytes{shared.data, shared.size}.subspan(gone - std::min(gone, next.small)))) return;
  }
}

size_t WriteQueue::gather(std::span<iovec> out) const {
  size_t used = 0, gathered = 0;
  const uint8_t* end = nullptr;  // of the last iovec
  walk([&](Bytes bytes) {
    if (bytes.data() == end) {
      out[used - 1].iov_len += bytes.size();
    } else if (used == out.size()) {
      return false;
    } else {
      out[used++] = {const_cast<uint8_t*>(bytes.data()), bytes.size()};
    }
    end = bytes.data() + bytes.size();
    gathered += bytes.size();
    return gathered < kGatherBytes;
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
    size -= !urgent_.empty() && taken_ == 0 ? consume_urgent(size) : consume_messages(size);
  }
  peeked_ = false;
  std::ranges::move(late_, std::back_inserter(urgent_));
  late_.clear();
}

// Takes off no more than one message, and says how much that was.
size_t WriteQueue::consume_urgent(size_t size) {
  const size_t taken = std::min(size, urgent_.front().size() - urgent_taken_);
  urgent_bytes_ -= taken;
  urgent_taken_ += taken;
  if (urgent_taken_ < urgent_.front().size()) return taken;
  urgent_.erase(urgent_.begin());
  urgent_taken_ = 0;
  return taken;
}

// Takes off `size` bytes, or fewer if urgent messages are next.
size_t WriteQueue::consume_messages(size_t size) {
  ByteQueue::Reader messages(messages_);
  const size_t before = messages.left();
  size_t left = size, copied_gone = 0, messages_gone = 0;
  while (left > 0 && (taken_ > 0 || urgent_.empty())) {
    const Message first = read_message(messages);
    const size_t whole = first.small + (first.shared ? bodies_[first_body_]->size : 0);
    const size_t taken = std::min(left, whole - taken_);
    copied_gone += std::min(taken, first.small - std::min(taken_, first.small));
    left -= taken;
    taken_ += taken;
    if (taken_ < whole) break;
    taken_ = 0;
    messages_gone = before - messages.left();
    if (first.shared) SharedBody::unref(bodies_[first_body_++]);
  }
  copied_.drop_front(copied_gone);
  messages_.drop_front(messages_gone);
  tidy_bodies();
  return size - left;
}

void WriteQueue::tidy_bodies() {
  if (first_body_ == bodies_.size()) {
    if (bodies_.capacity() > kBodiesWorthMoving) std::vector<freshet_body*>().swap(bodies_);
    bodies_.clear();
    first_body_ = 0;
  } else if (first_body_ > kBodiesWorthMoving && first_body_ > bodies_.size() / 2) {
    bodies_.erase(bodies_.begin(), bodies_.begin() + static_cast<ptrdiff_t>(first_body_));
    first_body_ = 0;
  }
}

void WriteQueue::drop_unstarted() {
  size_t copied_left = 0, messages_left = 0, bodies_end = first_body_;
  bytes_ = 0;
  if (taken_ > 0) {
    ByteQueue::Reader messages(messages_);
    const Message begun = read_message(messages);
    copied_left = begun.small - std::min(taken_, begun.small);
    messages_left = messages_.size() - messages.left();
    const size_t whole = begun.small + (begun.shared ? bodies_[bodies_end++]->size : 0);
    bytes_ = whole - taken_;
  }
  for (size_t i = bodies_end; i < bodies_.size(); ++i) SharedBody::unref(bodies_[i]);
  bodies_.resize(bodies_end);
  tidy_bodies();
  copied_.keep_front(copied_left);
  messages_.keep_front(messages_left);
  urgent_.resize(urgent_taken_ > 0 ? 1 : 0);
  late_.clear();
  urgent_bytes_ = urgent_.empty() ? 0 : urgent_.front().size() - urgent_taken_;
  bytes_ += urgent_bytes_;
}

}  // namespace freshet::ws
