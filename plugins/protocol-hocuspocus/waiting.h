// waiting.h: what the documents of one socket have sent before it was known who they are, in order
// and within a bound.
#pragma once

#include <deque>
#include <vector>

#include "wire.h"

namespace freshet::hocuspocus {

// How much may wait on one socket, over all its documents.
class WaitingSpace {
 public:
  WaitingSpace(size_t bytes, size_t messages) : bytes_left_(bytes), messages_left_(messages) {}

  bool take(size_t bytes) {
    if (messages_left_ == 0 || bytes > bytes_left_) return false;
    bytes_left_ -= bytes;
    --messages_left_;
    return true;
  }
  void give_back(size_t bytes) {
    bytes_left_ += bytes;
    ++messages_left_;
  }

 private:
  size_t bytes_left_, messages_left_;
};

class Waiting {
 public:
  struct One {
    std::vector<uint8_t> frame;
    Kind kind;
    bool counts;  // see Counting
  };

  explicit Waiting(WaitingSpace& space) : space_(space) {}
  ~Waiting() { clear(); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  // A step1 begins anew: what its client sent before it brings in its answer to ours. False: there
  // is no space.
  bool push(Kind kind, Bytes frame, bool counts);
  // All but what a client that is let in later does not send again: how to sync, and who it is.
  void forget_updates();
  void clear();
  std::deque<One> take();

 private:
  template <class Gone>
  void drop(Gone gone);

  WaitingSpace& space_;
  std::deque<One> all_;
};

}  // namespace freshet::hocuspocus
