#include "platform-ws/socket/byte_queue.h"

#include <cassert>

#include "platform-ws/limits.h"

namespace freshet::ws {

void ByteQueue::push_across(Bytes bytes) {
  while (!bytes.empty()) {
    if (room() == 0) add_chunk(bytes.size());
    const Bytes part = bytes.first(std::min(bytes.size(), room()));
    append(part);
    bytes = bytes.subspan(part.size());
  }
}

void ByteQueue::add_chunk(size_t wanted) {
  const size_t share = std::clamp(size_ / 8, least_bytes_, kMaxChunkBytes);
  const size_t capacity = std::max(share, wanted);
  chunks_.push_back({std::make_unique_for_overwrite<uint8_t[]>(capacity), capacity, 0});
  chunk_bytes_ += capacity;
}

void ByteQueue::drop_front(size_t size) {
  assert(size <= size_);
  size_ -= size;
  taken_ += size;
  size_t gone = 0;
  for (; gone < chunks_.size() && taken_ >= chunks_[gone].end; ++gone) taken_ -= chunks_[gone].end;
  if (size_ == 0) return rest();
  drop_chunks(0, gone);
}

void ByteQueue::keep_front(size_t size) {
  assert(size <= size_);
  size_ = size;
  if (size_ == 0) return rest();
  size_t kept = 0, until = taken_ + size;
  for (; until > chunks_[kept].end; ++kept) until -= chunks_[kept].end;
  chunks_[kept].end = until;
  drop_chunks(kept + 1, chunks_.size());
}

void ByteQueue::drop_chunks(size_t from, size_t to) {
  if (from == to) return;
  for (size_t i = from; i < to; ++i) chunk_bytes_ -= chunks_[i].capacity;
  const auto at = [this](size_t i) { return chunks_.begin() + static_cast<ptrdiff_t>(i); };
  chunks_.erase(at(from), at(to));
  if (chunks_.size() < chunks_.capacity() / 4) chunks_.shrink_to_fit();
}

// Nothing waits.
void ByteQueue::rest() {
  taken_ = 0;
  if (chunk_bytes_ == least_bytes_ && chunks_.capacity() == 1) {
    chunks_.front().end = 0;
    return;
  }
  std::vector<Chunk>().swap(chunks_);
  chunk_bytes_ = 0;
}

}  // namespace freshet::ws
