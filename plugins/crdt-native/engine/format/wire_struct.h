// One struct of an update as it stands on the wire (format v1).
#pragma once

#include <cstdint>
#include <string_view>

#include "freshet/format/codec.h"
#include "items/client_table.h"
#include "items/ids.h"
#include "values/kept_value.h"

namespace freshet::crdt {

// Borrows the bytes of its update; its contents stay there until it is integrated.
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

// Writes a struct from its `skip`th unit on: the origin is then the unit before.
void write_struct(const WireStruct& item, uint32_t skip, const ClientTable& clients, Writer& out,
                  ValueForm form = ValueForm::kept);

}  // namespace freshet::crdt
