// Updates on the wire (format v1): decoded and checked whole, without a document.
//
// Specification: the Yjs update format, version 1. Nothing here recurses.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "format/delete_set.h"
#include "format/state_vector.h"
#include "format/wire_struct.h"
#include "freshet/bytes.h"
#include "freshet/crdt/limits.h"
#include "freshet/result.h"
#include "items/client_table.h"
#include "items/ids.h"

namespace freshet::crdt {

struct Section {
  uint32_t client;
  uint32_t begin;  // in Update::structs
  uint32_t end;
};

struct Update {
  std::vector<WireStruct> structs;  // Skips included, zero lengths left out
  std::vector<Section> sections;
  DeleteSet deletes;
  size_t new_roots = 0;          // at most so many roots are named
  bool refused_by_json = false;  // some kept value is more than v1 can say
  bool gappy = false;            // there is a Skip in it
  // Fit to be passed on: shortest numbers, no trailing bytes, nothing this decoder leaves out.
  bool canonical = true;

  void clear();
};

// How much one update may hold, and how much may wait once it is in.
struct UpdateLimits {
  size_t bytes;
  size_t clients;
  size_t structs;
  size_t ranges;
  size_t values;
  size_t structs_free_in_v2;
  size_t structs_per_byte_in_v2;
  bool kept_values = false;  // as the engine writes them, see kept_value.h
  size_t pending_bytes = kMaxPendingBytes;
};
inline constexpr UpdateLimits kPeerLimits{.bytes = kMaxUpdateBytes,
                                          .clients = kMaxClientsPerUpdate,
                                          .structs = kMaxStructsPerUpdate,
                                          .ranges = kMaxRangesPerUpdate,
                                          .values = kMaxValuesPerUpdate,
                                          .structs_free_in_v2 = kStructsFreeInV2,
                                          .structs_per_byte_in_v2 = kStructsPerByteInV2};
// What it holds takes bytes, so that these bound it; only structs in columns may take none.
inline constexpr UpdateLimits kStoredLimits{.bytes = kMaxStoredUpdateBytes,
                                            .clients = kMaxStoredUpdateBytes,
                                            .structs = kMaxStoredUpdateBytes,
                                            .ranges = kMaxStoredUpdateBytes,
                                            .values = kMaxStoredUpdateBytes,
                                            .structs_free_in_v2 = kMaxItems,
                                            .structs_per_byte_in_v2 = 0,
                                            .kept_values = false,
                                            .pending_bytes = kMaxStoredPendingBytes};

// What the engine itself wrote, or made of an update in v2.
inline constexpr UpdateLimits keeping_values(UpdateLimits limits) {
  limits.kept_values = true;
  return limits;
}
inline constexpr UpdateLimits kInternalLimits = keeping_values(kStoredLimits);

// Status::malformed, Status::too_large over a limit on an update, Status::limit when the client
// table is full. On failure `clients` is as before and `out` unspecified.
Status decode_update(Bytes bytes, ClientTable& clients, Update& out,
                     const UpdateLimits& limits = kPeerLimits);

// The same behind what `out` holds of other updates, which count towards the limits with it.
Status decode_behind(Bytes bytes, ClientTable& clients, Update& out,
                     const UpdateLimits& limits = kPeerLimits);

// Calls `look` with each struct, and keeps in `out` all but those (which leaves its sections
// empty). Status as decode_update, without the limits on what a peer sends.
Status look_at_structs(Bytes bytes, ClientTable& clients, Update& out,
                       const std::function<void(const WireStruct&)>& look);

// One struct that decode_update accepted before. REQUIRES: valid bytes.
WireStruct reread_struct(Bytes bytes, uint32_t client, uint32_t clock, ClientTable& clients);

// The sections in the order of every encoding: ids of clients descending.
std::vector<Section> sections_in_order(const Update& update, const ClientTable& clients);

// The whole update, as a careful writer would have written it.
void write_update(const Update& update, const ClientTable& clients, std::vector<uint8_t>& out);
// The same of what reaches beyond `from`, with all deletions.
void write_update(const Update& update, const ClientTable& clients, const StateVector& from,
                  std::vector<uint8_t>& out);

}  // namespace freshet::crdt
