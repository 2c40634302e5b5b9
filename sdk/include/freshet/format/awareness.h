// freshet/format/awareness.h: what y-protocols' clients say of who shows what, both ways.
//
//   awareness  varuint n, n of: varuint client, varuint clock, string(JSON or null)
//
// Source: y-protocols 1.0 (awareness.js).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "freshet/abi/room.h"
#include "freshet/format/codec.h"
#include "freshet/format/json.h"
#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet {

// Of one state. The core's `presence_bytes` is the bound an operator sees; this one keeps a state
// from being walked at all when it is beyond anything that could be meant.
inline constexpr size_t kMaxAwarenessStateBytes = size_t{1} << 20;

// Objects and arrays inside each other in one state.
inline constexpr unsigned kMaxAwarenessStateDepth = 64;

namespace detail {

// JSON's null, with the white space some writers put around it, is how a state is taken back.
inline bool is_null(std::string_view json) {
  constexpr std::string_view kSpace = " \t\n\r";
  const size_t first = json.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return false;
  return json.substr(first, json.find_last_not_of(kSpace) + 1 - first) == "null";
}

inline std::string_view json_of(const freshet_presence& entry) {
  return entry.json.data == nullptr ? std::string_view("null") : view(entry.json);
}

}  // namespace detail

// Replaces `out` by the entries of an awareness update; their JSON is borrowed from it and was
// walked to its last byte. Status::malformed: not one; Status::too_large: more than `max_entries`,
// or a state over kMaxAwarenessStateBytes. On any status but ok `out` is of no use.
inline Status read_awareness(Bytes update, size_t max_entries, std::vector<freshet_presence>& out) {
  // Varuint client, varuint clock, string of one byte: what an entry takes at least.
  constexpr size_t kMinEntryBytes = 4;
  out.clear();
  Reader in(update);
  const uint64_t count = in.varuint();
  // A count that the bytes cannot hold must not make us reserve for it.
  if (!in.ok() || count > in.remaining() / kMinEntryBytes) return Status::malformed;
  if (count > max_entries) return Status::too_large;
  out.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t client = in.varuint();
    const uint64_t clock = in.varuint();
    const std::string_view json = in.string();
    if (!in.ok()) return Status::malformed;
    if (json.size() > kMaxAwarenessStateBytes) return Status::too_large;
    if (!is_json(json, kMaxAwarenessStateDepth)) return Status::malformed;
    out.push_back({client, clock, detail::is_null(json) ? freshet_str{nullptr, 0} : to_c(json)});
  }
  return Status::ok;
}

// The bytes that put_awareness() makes of `entries`.
inline size_t awareness_size(std::span<const freshet_presence> entries) {
  size_t size = varuint_size(entries.size());
  for (const freshet_presence& entry : entries) {
    const size_t json = detail::json_of(entry).size();
    size += varuint_size(entry.client) + varuint_size(entry.clock) + varuint_size(json) + json;
  }
  return size;
}

// Returns where it ended. REQUIRES: awareness_size(entries) bytes from `at` on.
inline uint8_t* put_awareness(uint8_t* at, std::span<const freshet_presence> entries) {
  at = put_varuint(at, entries.size());
  for (const freshet_presence& entry : entries) {
    at = put_varuint(at, entry.client);
    at = put_varuint(at, entry.clock);
    at = put_bytes(at, as_bytes(detail::json_of(entry)));
  }
  return at;
}

// One item: a message of this type whose payload is an awareness update.
inline Status write_awareness_message(uint8_t type, std::span<const freshet_presence> entries,
                                      Sink out) {
  const size_t body = awareness_size(entries);
  const size_t size = 1 + varuint_size(body) + body;
  uint8_t* at = out.reserve(size);
  if (at == nullptr) return Status::too_large;
  *at++ = type;
  put_awareness(put_varuint(at, body), entries);
  return out.commit(size);
}

}  // namespace freshet
