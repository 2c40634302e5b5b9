// shared_frame.h: a long frame that many readers of a room are sent, kept once while it comes.
//
// A hundred and fifty readers of a document of 20 MB would else hold 3 GB, and a generator that
// writes all of that once more measures itself. Each reader compares what it gets with what is
// here; whoever is ahead adds what is new.
#pragma once

#include <cstddef>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::load {

class SharedFrame {
 public:
  // Somebody has got `start` of a frame of `frame_bytes`. False: it is not this frame, and somebody
  // reads this one.
  bool begin(size_t frame_bytes, Bytes start);
  // A reader that has `at` bytes of it has got these, which do not go past its end. False: they are
  // others, and it is no reader of it any more.
  bool follow(size_t at, Bytes bytes);
  // Of one that has it all, or that ends.
  void leave() { --readers_; }

  // REQUIRES: somebody has got so much. Until the frame is another one.
  Bytes first(size_t bytes) const { return Bytes(bytes_).first(bytes); }
  size_t readers() const { return readers_; }

 private:
  bool agrees(size_t at, Bytes bytes);

  std::vector<uint8_t> bytes_;  // the longest beginning that anybody has got
  size_t frame_bytes_ = 0, readers_ = 0;
};

}  // namespace freshet::load
