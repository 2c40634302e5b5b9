// core/cluster/bus_message.h: what a room says to the same room at other nodes, as bytes on a bus.
//
//   message = version(1), node(16), shard, stream, number, *part
//   part    = kind, length, fields         what a reader does not know of, it passes over
//
// Numbers are varuints, texts and bytes have their length before them, an epoch is 16 bytes. A
// release may add kinds of parts, and fields at the end of one, beside older nodes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "core/store/log_end.h"
#include "freshet/abi/protocol.h"
#include "freshet/abi/room.h"
#include "freshet/abi/store.h"
#include "freshet/bytes.h"
#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet::bus {

// An edit that its node has applied, and has not saved yet.
struct Edit {
  uint64_t number = 0;  // of the writer, as its row will have it
  std::optional<freshet_epoch> epoch =
      {};                         // none: nothing was stored of the room when it was loaded
  uint64_t client = 0;            // whose it is, as peers are told
  std::string_view user = {};     // the same: JSON; empty: anonymous
  std::string_view user_id = {};  // of it; empty: none
  Bytes update = {};              // FRESHET_UPDATE_V1
};

// What a commit has added to the log.
struct Stored {
  freshet_epoch epoch{};
  uint64_t first_number = 0, last_number = 0;  // of the writer's updates
  uint64_t updates = 0;                        // how many of these are the room's
  uint64_t first_seq = 0, last_seq = 0;        // its rows
  bool all_said = false;                       // each of the updates was said as an Edit
  // Of the row before these; none: it is not known, or there is none.
  std::optional<RowWriter> before = {};
};

// What somebody shows who is in the room there.
struct Person {
  uint64_t member = 0;  // a name for the session, at its node
  uint64_t client = 0, clock = 0;
  std::optional<std::string_view> json = {};  // none: gone
  std::string_view user = {};                 // JSON; empty: anonymous
  uint64_t changed_unix_ms = 0;               // 0: not since it came
  bool renewed = false;                       // only the clock moved
};

struct Event {
  std::string_view name, json;
  uint64_t client = 0;
  std::string_view user = {};  // JSON; empty: anonymous
};

// The room is open there.
struct Here {
  bool asks = false;   // who else has it is to say so, and who is there
  bool again = false;  // and that one clock later: somebody is back who has heard of them before
  bool whole = false;  // all of its people follow in this message, and their Digest
};
// It is open there no longer, or will not be in a moment.
struct Gone {};
// All who show something there, as a count and a sum that changes with any of them.
struct Digest {
  uint64_t people = 0, sum = 0;
};
// A session is to be sent away; client 0: everybody.
struct Evict {
  uint64_t client = 0;
};
// The room was given another history, or none.
struct Replaced {};

using Part = std::variant<Edit, Stored, Person, Event, Here, Gone, Digest, Evict, Replaced>;

struct From {
  freshet_writer writer{};  // the node, and its shard that the room lives on
  uint64_t stream = 0;      // this opening of the room there; 0: by none, and not numbered
  uint64_t number = 0;      // of the message in it: 1, 2, 3, ...
};

// Points into the bytes that it was read from.
struct Message {
  From from;
  std::vector<Part> parts;
};

inline freshet_node node_of(const freshet_writer& writer) {
  freshet_node node{};
  std::ranges::copy(writer.run, node.run);
  return node;
}

// To everybody in the room, and the same as its members are sent it. Point into what they are
// given.
inline Event event_of(const freshet_delivery& event) {
  return {view(event.event), as_text(view(event.bytes)), event.from.client, view(event.from.user)};
}
inline freshet_delivery delivery_of(const Event& event) {
  freshet_delivery delivery{};
  delivery.kind = FRESHET_EVENT;
  delivery.event = to_c(event.name);
  delivery.bytes = to_c(as_bytes(event.json));
  delivery.from.client = event.client;
  if (!event.user.empty()) delivery.from.user = to_c(event.user);
  return delivery;
}

// Parts are written first, one after the other, and sent behind a header.
void write(std::vector<uint8_t>& parts, const Part& part);
std::vector<uint8_t> message_of(const From& from, Bytes parts);
// Status::malformed; Status::unsupported: of a version that is not known here.
Result<Message> read(Bytes message);
// Whose message it is, without the rest of it; nothing: it is none.
std::optional<freshet_writer> writer_of(Bytes message);

}  // namespace freshet::bus
