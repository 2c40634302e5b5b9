// core/windows/pace.h: how often one room sends.
//
// A room spends a small share of its shard on sending, whatever happens in it. What it sends after
// a pause leaves at once; then it waits for a window, which is what sending costs it over that
// share, and sends what has come meanwhile together. Windows in which it sent nothing are saved, a
// few of them: where ten people type now and then, hardly anything waits. A few readers cost so
// little that they never wait; the many wait a few milliseconds; and no window is longer than a
// bound, unless that would leave the shard too little time for anything else.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/windows/shard_pace.h"

namespace freshet {

// The window of a room to which sending once costs so much. 0: none. `stretch`: see ShardPace.
uint64_t window_ns(uint64_t cost_ns, double stretch);

class Pace {
 public:
  explicit Pace(ShardPace& shard) : shard_(shard) {}

  // How long what has come now has to wait, and of which window that is the rest. 0: it leaves with
  // this turn of the shard.
  struct Wait {
    uint64_t ns = 0, window_ns = 0;
  };
  Wait wait(uint64_t now_ns, size_t readers) const;
  // All that waited has been given to the platform, for which the room took this long.
  void note_sent(uint64_t now_ns, size_t readers, uint64_t took_ns);

 private:
  uint64_t window_of(size_t readers) const;
  // Windows since it last sent, and those saved before; with one it may send. `window_ns` not 0.
  double windows_left(uint64_t now_ns, uint64_t window_ns) const;

  ShardPace& shard_;
  uint64_t sent_ns_ = 0;    // 0: never
  double saved_ = 0;        // windows
  double own_cost_ns_ = 0;  // of putting together what is sent, smoothed
};

}  // namespace freshet
