// inbox.h: what a connection has been sent and is not done with: the beginning of a frame.
//
//   const auto room = inbox.room(scratch);      // read into it
//   for (Bytes in = inbox.add(count); !in.empty(); in = inbox.more()) inbox.done(used(in));
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "freshet/bytes.h"
#include "shared_frame.h"

namespace freshet::load {

class Inbox {
 public:
  // `shared` is for long frames, of all who are sent the same, and outlives it.
  explicit Inbox(SharedFrame& shared) : shared_(shared) {}
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // At least kReadBytes, in `scratch` where nothing has to be kept. Until add() is called.
  std::span<uint8_t> room(std::vector<uint8_t>& scratch);
  // So many bytes were read into the room. What there is to look at now; empty: nothing that was
  // not looked at before.
  Bytes add(size_t count);
  // Of what add() or more() gave, so many bytes are done with; the rest is kept.
  void done(size_t used);
  // What there is to look at beside that.
  Bytes more();

  // Of its own, not shared.
  size_t kept_bytes() const { return kept_.size(); }

 private:
  Bytes add_shared(Bytes got);
  bool share(Bytes start);

  SharedFrame& shared_;
  std::vector<uint8_t> kept_;
  std::span<uint8_t> room_;
  Bytes view_, behind_;                     // what was given; what was read behind the shared frame
  size_t shared_at_ = 0, frame_bytes_ = 0;  // of the shared frame; 0: none
  bool is_kept_ = false, is_shared_ = false;  // where view_ is
};

}  // namespace freshet::load
