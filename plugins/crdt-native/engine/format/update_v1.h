// Updates on the wire (format v1): decoded and checked whole, without a document.
//
// Specification: the Yjs update format, version 1. A struct keeps a view of its bytes; the contents
// stay there until it is integrated. Nothing here recurses.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "freshet/codec.h"
#include "freshet/crdt/limits.h"
#include "freshet/result.h"
#include "items/client_table.h"
#include "items/ids.h"
#include "values/kept_value.h"

namespace freshet::crdt {

// One struct of an update. Borrows the update's bytes.
struct WireStruct {
  const uint8_t* at = nullptr;  // its info byte
  uint32_t size = 0;            // bytes on the wire
  uint32_t body = 0;            // where the content starts, see content()
  uint32_t client = kNoClient;
  uint32_t clock = 0;
  uint32_t len = 0;
  // The origin, or the id of the parent's item when parent() is Parent::item.
  uint32_t origin_client = kNoClient;
  uint32_t origin_clock = 0;
  uint32_t right_client = kNoClient;
  uint32_t right_clock = 0;
  Kind kind = Kind::gc;
  uint8_t info = 0;
  bool parent_item = false;

  uint32_t end() const { return clock + len; }
  bool is_item() const { return kind != Kind::gc && kind != Kind::skip; }
  bool names_parent() const { return is_item() && (info & (kInfoOrigin | kInfoRightOrigin)) == 0; }
  Id origin() const { return (info & kInfoOrigin) != 0 ? Id{origin_client, origin_clock} : Id{}; }
  Id right_origin() const { return {right_client, right_clock}; }
  void set_ids(Id origin, Id right) {
    origin_client = origin.client;
    origin_clock = origin.clock;
    right_client = right.client;
    right_clock = right.clock;
  }
  Id parent() const { return parent_item ? Id{origin_client, origin_clock} : Id{}; }

  // string: the UTF-8 text; Any and JSON: the elements; else the payload with its lengths.
  Bytes content() const { return {at + body, size - body}; }
};

// The first dependency of a struct that is not integrated, none if all are; `state` tells the next
// clock of a client. What follows a known beginning is linked behind it, so only its right origin
// counts: the same as if it had arrived cut.
template <class State>
Id first_missing(const WireStruct& item, State state) {
  const uint32_t next = state(item.client);
  if (item.clock > next) return {item.client, item.clock - 1};
  const auto unknown = [&](Id id) { return id && id.clock >= state(id.client); };
  if (item.clock == next) {
    if (unknown(item.origin())) return item.origin();
    if (unknown(item.parent())) return item.parent();
  }
  return unknown(item.right_origin()) ? item.right_origin() : Id{};
}

// The parent a struct names when it has no origin. Borrows.
struct ParentName {
  std::string_view root;  // unless parent() is set
  std::string_view key;
  bool has_key = false;
};
// REQUIRES: item.names_parent().
ParentName parent_name(const WireStruct& item);

struct Section {
  uint32_t client;
  uint32_t begin;  // in Update::structs
  uint32_t end;
};

struct DeletedRange {
  uint32_t client;
  uint32_t clock;
  uint32_t len;
};

struct Update {
  std::vector<WireStruct> structs;  // Skips included, zero lengths left out
  std::vector<Section> sections;
  std::vector<DeletedRange> deletes;
  size_t new_roots = 0;          // at most so many roots are named
  bool refused_by_json = false;  // some kept value is more than v1 can say
  // Fit to be passed on: shortest numbers, no trailing bytes, nothing this decoder leaves out.
  bool canonical = true;

  void clear();
};

// How much one update may hold.
struct UpdateLimits {
  size_t bytes;
  size_t clients;
  size_t structs;
  size_t ranges;
  size_t values;
  size_t structs_free_in_v2;
  size_t structs_per_byte_in_v2;
  bool kept_values = false;  // as the engine writes them, see kept_value.h
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
                                            .structs_per_byte_in_v2 = 0};

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

// Calls `look` with each struct, and keeps in `out` all but those (which leaves its sections
// empty). Status as decode_update, without the limits on what a peer sends.
Status look_at_structs(Bytes bytes, ClientTable& clients, Update& out,
                       const std::function<void(const WireStruct&)>& look);

// One struct that decode_update accepted before. REQUIRES: valid bytes.
WireStruct reread_struct(Bytes bytes, uint32_t client, uint32_t clock, ClientTable& clients);

// Writes a struct from its `skip`th unit on: the origin is then the unit before.
void write_struct(const WireStruct& item, uint32_t skip, const ClientTable& clients, Writer& out,
                  ValueForm form = ValueForm::kept);

// The deleted ranges as they go on the wire: clients descending, clocks ascending, none touching.
std::vector<DeletedRange> joined_deletes(const Update& update, const ClientTable& clients);

// The whole update, as a careful writer would have written it.
void write_update(const Update& update, const ClientTable& clients, std::vector<uint8_t>& out);

}  // namespace freshet::crdt
