#include "inbox.h"

#include <algorithm>

#include "frame_reader.h"
#include "load/limits.h"

namespace freshet::load {

Inbox::~Inbox() {
  if (frame_bytes_ > 0) shared_.leave();
}

std::span<uint8_t> Inbox::room(std::vector<uint8_t>& scratch) {
  if (kept_.empty()) return room_ = std::span(scratch).first(kReadBytes);
  const size_t kept = kept_.size();
  kept_.resize(kept + kReadBytes);
  return room_ = std::span(kept_).subspan(kept);
}

Bytes Inbox::add(size_t count) {
  const Bytes got = Bytes(room_).first(count);
  is_kept_ = !kept_.empty();
  if (is_kept_) {
    kept_.resize(kept_.size() - kReadBytes + count);
    return view_ = kept_;
  }
  return view_ = frame_bytes_ > 0 ? add_shared(got) : got;
}

Bytes Inbox::add_shared(Bytes got) {
  const Bytes own = got.first(std::min(got.size(), frame_bytes_ - shared_at_));
  if (!shared_.follow(shared_at_, own)) {
    const Bytes before = shared_.first(shared_at_);
    kept_.assign(before.begin(), before.end());
    kept_.insert(kept_.end(), got.begin(), got.end());
    frame_bytes_ = shared_at_ = 0;
    is_kept_ = true;
    return kept_;
  }
  shared_at_ += own.size();
  if (shared_at_ < frame_bytes_) return {};
  is_shared_ = true;
  behind_ = got.subspan(own.size());
  return shared_.first(frame_bytes_);
}

void Inbox::done(size_t used) {
  if (is_shared_) {
    // All of it is one frame.
    shared_.leave();
    frame_bytes_ = shared_at_ = 0;
    is_shared_ = false;
    return;
  }
  const Bytes rest = view_.subspan(used);
  if (share(rest)) {
    release_memory(kept_);
  } else if (is_kept_) {
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<ptrdiff_t>(used));
    if (kept_.empty() && kept_.capacity() > kKeptBufferBytes) release_memory(kept_);
  } else {
    kept_.assign(rest.begin(), rest.end());
  }
}

Bytes Inbox::more() {
  is_kept_ = false;
  view_ = behind_;
  behind_ = {};
  return view_;
}

bool Inbox::share(Bytes start) {
  const auto bytes = frame_bytes_of(start);
  if (!bytes || *bytes < kLeastSharedBytes || start.size() >= *bytes) return false;
  if (!shared_.begin(*bytes, start)) return false;
  frame_bytes_ = *bytes;
  shared_at_ = start.size();
  return true;
}

}  // namespace freshet::load
