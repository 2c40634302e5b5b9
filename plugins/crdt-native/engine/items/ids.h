// Numbers by which the engine's records name each other.
#pragma once

#include <cstdint>

namespace freshet::crdt {

// "No such item, list, type or name."
inline constexpr uint32_t kNil = 0xffffffff;

// Clients are 53-bit on the wire and a 20-bit number inside; this one means "none".
inline constexpr uint32_t kNoClient = (1u << 20) - 1;
inline constexpr uint32_t kNoList = (1u << 28) - 1;

// One unit of content. The clock of "none" is zero, so that equality is plain.
struct Id {
  uint32_t client = kNoClient;
  uint32_t clock = 0;

  explicit operator bool() const { return client != kNoClient; }
  friend bool operator==(Id, Id) = default;
};

// An id in one number that orders ids by client and clock.
using IdKey = uint64_t;
constexpr IdKey id_key(uint32_t client, uint32_t clock) { return uint64_t{client} << 32 | clock; }
constexpr IdKey id_key(Id id) { return id_key(id.client, id.clock); }
constexpr uint32_t client_of(IdKey key) { return static_cast<uint32_t>(key >> 32); }
constexpr uint32_t clock_of(IdKey key) { return static_cast<uint32_t>(key); }

// The content references of the wire format (info bits 0 to 4).
enum class Kind : uint8_t {
  gc = 0,
  deleted = 1,
  json = 2,
  binary = 3,
  string = 4,
  embed = 5,
  format = 6,
  type = 7,
  any = 8,
  doc = 9,
  skip = 10,
};

inline constexpr uint8_t kInfoKind = 0x1f;
inline constexpr uint8_t kInfoKey = 0x20;
inline constexpr uint8_t kInfoRightOrigin = 0x40;
inline constexpr uint8_t kInfoOrigin = 0x80;

// Contents of more than one unit, which may be split and joined.
constexpr bool is_run(Kind kind) {
  return kind == Kind::string || kind == Kind::any || kind == Kind::json || kind == Kind::deleted;
}

}  // namespace freshet::crdt
