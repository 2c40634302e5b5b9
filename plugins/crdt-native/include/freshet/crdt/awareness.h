// freshet/crdt/awareness.h: who is there, and what they want others to see of them for now.
//
// Each client has a state (any JSON) and a clock that grows with every change of it; nothing is
// merged and nothing lasts. States that are not renewed for kAwarenessTimeoutMs are dropped by
// whoever calls expire().
//
// One thread at a time. No clock of its own: `now_ms` is of any clock that does not go back.
// Source: the awareness protocol of y-protocols 1.0.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/result.h"

namespace freshet::crdt {

// A state is to be renewed more often than this.
inline constexpr uint64_t kAwarenessTimeoutMs = 30'000;

// Clients, in the order in which they were named.
struct AwarenessChange {
  std::vector<uint64_t> added;
  std::vector<uint64_t> updated;  // set again, be it to the same state
  std::vector<uint64_t> changed;  // those of `updated` that have another state now
  std::vector<uint64_t> removed;

  bool empty() const { return added.empty() && updated.empty() && removed.empty(); }
};

class Awareness {
 public:
  // `own` begins with the state {}. Others will see it from its next change on.
  Awareness(uint64_t own, uint64_t now_ms);

  // Sets the own state to a JSON text; none takes it away. Status::malformed: not JSON.
  // Status::too_large: longer than kMaxAwarenessStateBytes. On failure nothing has changed.
  Result<AwarenessChange> set_local(std::optional<std::string_view> json, uint64_t now_ms);

  // Takes in what others say of anybody. Somebody else's word that we are gone is answered by a
  // new clock. Status as above; Status::limit: more than kMaxAwarenessClients would be known.
  Result<AwarenessChange> apply(Bytes update, uint64_t now_ms);

  // Drops states; those that are dropped can be encoded for others to do the same.
  AwarenessChange remove(const std::vector<uint64_t>& clients, uint64_t now_ms);
  // Drops those of others that were not renewed in time, lowest client first.
  AwarenessChange expire(uint64_t now_ms);

  // Appends an update about these clients. REQUIRES: known ones.
  void encode(const std::vector<uint64_t>& clients, std::vector<uint8_t>& out) const;

  struct Entry {
    uint64_t clock = 0;
    uint64_t renewed_ms = 0;
    std::optional<std::string> state;  // JSON as JSON.stringify writes it
  };
  // Everybody who ever had a state: clocks outlive states, or old news would look new.
  const std::map<uint64_t, Entry>& entries() const { return entries_; }

 private:
  const uint64_t own_;
  std::map<uint64_t, Entry> entries_;
};

}  // namespace freshet::crdt
