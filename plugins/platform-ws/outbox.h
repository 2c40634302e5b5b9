// outbox.h: what waits to be written to one peer.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "body.h"
#include "freshet/bytes.h"

namespace freshet::ws {

// A queue of byte runs: small ones are copied into one buffer, large ones are references to shared
// bodies. Knows where messages end, so that a connection that must be cut short ends between two.
// Owned by its connection and touched on its shard only.
class Outbox {
 public:
  Outbox() = default;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  ~Outbox();

  // Queues one message made of `head` and `tail`, both copied, and then `body`, which may be null.
  void push(Bytes head, Bytes tail, freshet_body* body);

  size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

  // Fills `out` with what is to be written first; returns how many were used. Neighbours that lie
  // together become one. Good until the next push() or consume().
  size_t gather(std::span<iovec> out) const;
  // Copies what is to be written first; returns how much. For a transport that cannot gather.
  size_t peek(std::span<uint8_t> out) const;
  // `size` bytes have left. REQUIRES: size <= bytes().
  void consume(size_t size);

  // Forgets every message of which no byte has left.
  void drop_unstarted();

 private:
  struct Piece {
    freshet_body* body;  // null: the next `size` bytes of inline_
    size_t size;
    bool last;  // of its message
  };

  Bytes rest_of(const Piece& piece, size_t inline_at) const;
  void tidy();

  std::vector<Piece> pieces_;
  size_t first_ = 0;          // of pieces_ that has not left whole
  size_t first_taken_ = 0;    // bytes of it that have left
  bool mid_message_ = false;  // some piece of the first one's message has left whole
  std::vector<uint8_t> inline_;
  size_t inline_head_ = 0;  // where the bytes of the first inline piece begin
  size_t bytes_ = 0;
};

}  // namespace freshet::ws
