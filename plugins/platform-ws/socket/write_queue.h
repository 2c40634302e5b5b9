// write_queue.h: what waits to be written to one peer.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "freshet/bytes.h"
#include "platform-ws/limits.h"
#include "platform-ws/socket/body.h"
#include "platform-ws/socket/byte_queue.h"

namespace freshet::ws {

// A queue of messages: small parts are copied into one row of bytes, large ones are references to
// shared bodies. Knows where messages end, so that a connection that must be cut short ends between
// two, and an urgent message passes before the others between two; that costs a small message one
// byte or two. Owned by its connection and touched on its loop only.
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
  // What it takes to keep them; 0 when there are none. Of a shared body each queue counts what it
  // has yet to write.
  size_t memory_bytes() const;
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
  struct Message {
    size_t small;  // bytes of copied_
    bool shared;   // and then a body
  };

  template <class F>
  void walk(F&& take) const;
  void push_message(Message message);
  static Message read_message(ByteQueue::Reader& from);
  size_t body_bytes() const { return bytes_ - copied_.size() - urgent_bytes_; }
  size_t consume_urgent(size_t size);
  size_t consume_messages(size_t size);
  void tidy_bodies();

  ByteQueue copied_{kLeastChunkBytes};
  ByteQueue messages_{kLeastChunkBytes /
                      8};  // each a varint: Message::small << 1 | Message::shared
  std::vector<freshet_body*> bodies_;
  size_t first_body_ = 0;  // of bodies_ that has not left whole
  size_t taken_ = 0;       // bytes of the first message that have left

  // Whole messages, to leave before the others but behind one of them that has begun to. When
  // the first of these has begun, none of those has.
  std::vector<std::vector<uint8_t>> urgent_;
  std::vector<std::vector<uint8_t>> late_;  // urgent, but a peek has shown what comes next already
  size_t urgent_taken_ = 0;                 // bytes of the first of urgent_ that have left
  size_t urgent_bytes_ = 0;                 // of both that have not
  bool peeked_ = false;                     // and not consumed since
  size_t bytes_ = 0;
};

}  // namespace freshet::ws
