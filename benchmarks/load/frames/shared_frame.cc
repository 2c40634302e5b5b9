#include "shared_frame.h"

#include <algorithm>
#include <cstring>

namespace freshet::load {

// Adds what goes past the end of what is known.
bool SharedFrame::agrees(size_t at, Bytes bytes) {
  const size_t known = std::min(bytes_.size() - at, bytes.size());
  if (known > 0 && std::memcmp(bytes_.data() + at, bytes.data(), known) != 0) return false;
  const Bytes more = bytes.subspan(known);
  bytes_.insert(bytes_.end(), more.begin(), more.end());
  return true;
}

bool SharedFrame::begin(size_t frame_bytes, Bytes start) {
  if (frame_bytes != frame_bytes_ || !agrees(0, start)) {
    if (readers_ > 0) return false;
    frame_bytes_ = frame_bytes;
    bytes_.clear();
    bytes_.reserve(frame_bytes);
    bytes_.assign(start.begin(), start.end());
  }
  ++readers_;
  return true;
}

bool SharedFrame::follow(size_t at, Bytes bytes) {
  if (agrees(at, bytes)) return true;
  leave();
  return false;
}

}  // namespace freshet::load
