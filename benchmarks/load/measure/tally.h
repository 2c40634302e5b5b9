// tally.h: what all clients of a run count into.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>

#include "histogram.h"

namespace freshet::load {

int64_t now_ns();  // of the monotonic clock

// What went wrong: close codes are counted, sentences kept up to a bound.
class Faults {
 public:
  void add(const std::string& why);
  void closed(uint16_t code, const std::string& why);

  uint64_t count() const { return count_; }
  const std::map<uint16_t, uint64_t>& closes() const { return closes_; }
  const std::map<std::string, uint64_t>& reasons() const { return reasons_; }

 private:
  uint64_t count_ = 0;
  std::map<uint16_t, uint64_t> closes_;
  std::map<std::string, uint64_t> reasons_;
};

struct Tally {
  // What is measured: edits that are due in [from, to). Before that is warm-up.
  int64_t from_ns = std::numeric_limits<int64_t>::max();
  int64_t to_ns = std::numeric_limits<int64_t>::max();
  bool measures(int64_t at_ns) const { return at_ns >= from_ns && at_ns < to_ns; }

  Histogram latency;         // from when an edit was due to when a reader had it
  Histogram paused_latency;  // the same at readers that were told to stop reading for a while
  Histogram
      presence_latency;    // of states of presence, of which the latest stands for all before it
  Histogram acknowledged;  // from when it was due to when its writer knew that it was taken
  Histogram late;          // of the generator itself: from when it was due to when it was sent
  Histogram turn;          // between two looks at what is due
  Histogram joined;        // from connect to the document

  uint64_t offered = 0, sent = 0;  // edits that were due in the time measured; those of them sent
  uint64_t states_offered = 0, states_sent = 0;  // the same of states of presence
  uint64_t sent_all = 0, delivered_all = 0, acknowledged_all = 0;
  // What happened in the time measured, whenever it was due.
  uint64_t delivered = 0, states_delivered = 0;
  uint64_t bytes = 0, messages = 0, presence = 0, joins = 0;
  Faults faults;

  // One reader has these edits now.
  void deliver(std::span<const int64_t> dues, int64_t at_ns, Histogram& into) {
    delivered_all += dues.size();
    if (measures(at_ns)) delivered += dues.size();
    for (const int64_t due : dues) {
      if (measures(due)) into.record(at_ns - due);
    }
  }
  // One reader has this state of presence now, or a newer one.
  void deliver_state(int64_t due, int64_t at_ns) {
    if (measures(at_ns)) ++states_delivered;
    if (measures(due)) presence_latency.record(at_ns - due);
  }
  void acknowledge(int64_t due, int64_t at_ns) {
    ++acknowledged_all;
    if (measures(due)) acknowledged.record(at_ns - due);
  }
};

}  // namespace freshet::load
