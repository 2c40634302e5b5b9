// core/audience/member.h: a session, as its room sees it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/audience/outlet.h"
#include "core/audience/wire.h"
#include "core/presence/presence.h"
#include "core/rates/limits.h"
#include "core/residence/state_vector.h"
#include "freshet/result.h"

namespace freshet {

// What a session brings when it joins.
struct MemberSpec {
  MemberId id = 0;  // unique in the process
  const Wire* wire = nullptr;
  uint32_t variant = 0;
  uint32_t wants = 0;
  bool text = false;
  bool may_write = false;  // when it joins
  std::vector<uint8_t> prefix;
  uint64_t client = 0;  // what deliveries call it, and the client id of what the room shows for it
  std::string user;     // JSON; empty: anonymous
  std::string user_id;  // of it; empty: none
  std::string epoch;    // the history the client says it knows, in hex; empty: it says nothing
  std::string peer;     // the address it came from
  uint64_t since_unix_ms = 0;
};

inline freshet_source source_of(const MemberSpec& spec) {
  return {spec.client, to_c(std::string_view(spec.user)), 0};
}

// Who wrote something: as peers are told, and as it is stored.
struct Author {
  freshet_source source{};
  std::string_view user_id = {};  // empty: none
};

inline Author author_of(const MemberSpec& spec) { return {source_of(spec), spec.user_id}; }

// Owned by its room.
struct Member {
  Member(MemberSpec s, std::unique_ptr<Outlet> o)
      : spec(std::move(s)), outlet(std::move(o)), wants(spec.wants), may_write(spec.may_write) {}

  // Has it ended, once; nothing more is sent to it.
  void close(uint16_t code, std::string_view reason, Ends what = Ends::session) {
    if (closing) return;
    closing = true;
    outlet->end(what, code, reason);
  }
  // It is not read for so long. False: nor is it without this, or hardly less long.
  bool pause_reading(uint32_t ms, uint64_t now_ms) {
    if (now_ms + ms < paused_until_ms + kPauseStepMs) return false;
    paused_until_ms = now_ms + ms;
    outlet->pause_reading(ms);
    return true;
  }
  // Is sent what there is.
  bool reachable() const { return in && !closing; }

  const MemberSpec spec;
  const std::unique_ptr<Outlet> outlet;
  uint32_t wants;         // what it has asked for by now
  bool may_write;         // as its identity says by now
  bool in = false;        // has got its JOINED delivery
  bool let_in = false;    // apps that may refuse it have let it pass
  bool compared = false;  // whether the first that it brought held any news
  bool closing = false;   // it was told to end: nothing more is sent
  // An update of it was left out, which leaves a gap: nothing it writes later can be taken.
  bool left_out = false;
  // What who looks at the room is shown of its updates.
  uint64_t sent = 0;        // that were taken
  uint64_t told_saved = 0;  // of them, that its wire has told it are saved
  // While it lags, on a wire that says saved by the update's coming back: what it catches up with
  // tells it of these.
  uint32_t unechoed = 0;
  size_t contradictions = 0;  // of its updates and what was here, see freshet_applied
  uint64_t last_sent_ms = 0;
  uint64_t paused_until_ms = 0;
  // The client id it edits under, which it announces first thing as its presence; none: not known.
  std::optional<uint64_t> author;
  bool announced = false;
  // Why its last update was refused, if it was told and none was taken since: at every keystroke it
  // would be told the same.
  Status told_refused = Status::ok;
  size_t calls = 0;       // of procedures, under way
  size_t call_bytes = 0;  // their input
  size_t held_bytes = 0;  // waiting in the room until something is saved

  // A slow reader: what it misses reaches it as one diff from `seen`, once it has drained. The
  // audience's own.
  bool lagging = false;
  StateVector seen;
  uint64_t seen_presence = 0;

  uint64_t knows_presence = 0;  // it was sent all presence at this version; 0: never

  // One that does not want updates yet: what it was answered when it opened the document.
  StateVector opened;
};

}  // namespace freshet
