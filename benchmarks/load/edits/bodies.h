// bodies.h: the messages of one room, each read once.
//
// A server sends what somebody wrote to many readers as the same bytes. The last few messages are
// kept with what they hold, and a message is first compared with them: comparing costs a
// nanosecond for some ten bytes, reading an update and finding when its edits were due many times
// that.
#pragma once

#include <array>
#include <vector>

#include "contributions.h"
#include "load/limits.h"
#include "load/wires/wire.h"
#include "schedule.h"

namespace freshet::load {

struct Body {
  std::vector<uint8_t> bytes, scratch;
  Heard heard;  // views of the two
  std::vector<Contribution> parts;
  // When the edits were due that end in the parts, part after part.
  std::vector<int64_t> dues;
  std::vector<Shown> shown;  // of presence
};

class Bodies {
 public:
  // All are the room's, and outlive this.
  Bodies(const Wire& wire, const Authors& authors, const Schedule& schedule)
      : wire_(wire), authors_(authors), schedule_(schedule) {}

  // Stays as it is until the next call.
  const Body& of(Bytes message);

  // Messages that were none of the last ones.
  uint64_t parsed() const { return parsed_; }

 private:
  void read(Bytes message, Body& into);

  const Wire& wire_;
  const Authors& authors_;
  const Schedule& schedule_;
  std::array<Body, kBodiesKept> kept_;
  size_t newest_ = 0;
  Body long_;  // the last over kMaxBodyKeptBytes
  uint64_t parsed_ = 0;
};

}  // namespace freshet::load
