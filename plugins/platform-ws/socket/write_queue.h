// write_queue.h: what waits to be written to one peer.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "freshet/bytes.h"
#include "platform-ws/socket/body.h"

namespace freshet::ws {

// A queue of byte runs: small ones are copied into one buffer, large ones are references to shared
// bodies. Knows where messages end, so that a connection that must be cut short ends between two,
// and an urgent message passes before the others between two. Owned by its connection and touched
// on its loop only.
class WriteQueue {
 public:
  WriteQueue() = default;
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;
  ~WriteQueue();

  // Queues one message made of `head` and `tail`, both copied, and then `body`, which may be null.
  void push(Bytes head, Bytes tail, freshet_body* body);
  // Queues one message, copied, before every message of which no byte has left, but for those that
  // were urgent before it. False: with it more than kMaxUrgentBytes would wait here.
  bool push_urgent(Bytes head, Bytes tail);

  size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

  // Fills `out` with what is to be written first; returns how many were used. Neighbours that lie
  // together become one. Good until the next push() or consume().
  size_t gather(std::span<iovec> out) const;
  // Copies what is to be written first; returns how much. For a transport that cannot gather, and
  // that may ask again: until consume(), a peek shows at least the same bytes, in the same order.
  size_t peek(std::span<uint8_t> out);
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

  template <class F>
  void walk(F&& take) const;
  Bytes rest_of(const Piece& piece, size_t inline_at) const;
  bool mid_message() const { return first_taken_ > 0 || mid_message_; }
  size_t consume_urgent(size_t size);
  size_t consume_piece(size_t size);
  void tidy();

  std::vector<Piece> pieces_;
  size_t first_ = 0;          // of pieces_ that has not left whole
  size_t first_taken_ = 0;    // bytes of it that have left
  bool mid_message_ = false;  // some piece of the first one's message has left whole
  std::vector<uint8_t> inline_;
  size_t inline_head_ = 0;  // where the bytes of the first inline piece begin

  // Whole messages, to leave before pieces_ but behind a message of theirs that has begun to. When
  // the first of these has begun, none of those has.
  std::vector<std::vector<uint8_t>> urgent_;
  std::vector<std::vector<uint8_t>> late_;  // urgent, but a peek has shown what comes next already
  size_t urgent_taken_ = 0;                 // bytes of the first of urgent_ that have left
  size_t urgent_bytes_ = 0;                 // of both that have not
  bool peeked_ = false;                     // and not consumed since
  size_t bytes_ = 0;
};

}  // namespace freshet::ws
