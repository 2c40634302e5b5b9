#include "core/audience/dispatch.h"

#include <algorithm>

#include "freshet/abi/close.h"

namespace freshet {

void Dispatch::send(Member& to, const Frames& frames) {
  if (frames.empty() || to.closing) return;
  if (to.outlet->queued_bytes() > services_.limits.reader_hard_bytes) {
    services_.metrics.cut_off.add();
    return to.close(FRESHET_CLOSE_TIMEOUT, "the connection does not read what it is sent");
  }
  to.outlet->send(frames, to.spec.prefix, to.spec.text);
  to.last_sent_ms = services_.now_ms;
  services_.metrics.deliveries.add(static_cast<int64_t>(frames.size()));
  if (!behind_ && !to.lagging && over_bound(to)) begin_lag(to, seen());
}

void Dispatch::send_when_saved(Member& to, const Frames& frames, uint32_t tells_saved) {
  if (residence_.saved().all()) {
    to.told_saved += tells_saved;
    return send(to, frames);
  }
  if (frames.empty()) return;
  if (to.held_bytes > services_.limits.reader_hard_bytes) {
    return to.close(FRESHET_CLOSE_OVERLOADED, "too much is waiting to be saved");
  }
  to.held_bytes += size_of(frames);
  held_.push(residence_.saved().awaited(), {to.spec.id, tells_saved}, frames);
}

void Dispatch::send_saved() {
  const uint64_t saved = residence_.saved().through();
  while (const auto one = held_.pop(saved)) {
    for (const HeldDeliveries::To& each : one->to) {
      Member* to = members_.find(each.id);
      if (to == nullptr) continue;
      to->held_bytes -= size_of(one->frames);
      to->told_saved += each.tells_saved;
      send(*to, one->frames);
    }
  }
}

Result<Dispatch::Seen> Dispatch::seen() {
  FRESHET_TRY(StateVector here, residence_.state_vector());
  const uint64_t first_held = window_.presence().first_version();
  return Seen{std::move(here), std::min(presence_.version(), first_held - 1)};
}

// What cannot be conflated still goes to a lagging member: acknowledgements of what it sent before.
// They are bounded too: past the hard bound the member is cut off.
void Dispatch::begin_lag(Member& member, const Result<Seen>& seen) {
  // What it will lack could not be told from what it has.
  if (!seen) {
    services_.shortages.note_memory(services_.now_ms);
    return member.close(FRESHET_CLOSE_OVERLOADED, "the server has no memory for this now",
                        Ends::connection);
  }
  services_.metrics.lagging.add();
  services_.metrics.lag_now.add();
  member.lagging = true;
  member.seen = seen->state_vector;
  // It may have been sent all of it while news of it was held back for the others.
  member.seen_presence = std::max(seen->presence_version, member.knows_presence);
}

}  // namespace freshet
