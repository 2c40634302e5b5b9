// wire.h: the messages of Hocuspocus, both ways. Pure functions of bytes; nothing here keeps state.
//
//   frame   string address, varuint type, then
//     0 sync, 4 sync reply   varuint 0 step1, bytes(state vector) | 1 step2, 2 update,
//     bytes(update) 1 awareness            bytes of freshet/format/awareness.h 2 auth from a
//     client: varuint 0, string(token), string(version) since 4
//                            from a server: varuint 0: "send your token again" | 1, string(why not)
//                            | 2, string(scope)
//     3 query awareness      nothing
//     5 stateless            string
//     6 broadcast stateless  string; between servers
//     7 close                from a client: nothing; from a server: string(why)
//     8 sync status          varuint: 1 saved, 0 not taken; one for each step2 and update
//   9 ping, 10 pong          the whole frame, without an address
//
// The address is the name of a document, or since 4 a name, a byte 0 and the id of a session, so
// that one socket may have one document twice. Answers have the address as it was sent.
// Source: @hocuspocus/provider and @hocuspocus/server 2.15, 3.4 and 4.8.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "freshet/abi/room.h"
#include "freshet/bytes.h"
#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet::hocuspocus {

enum class Kind {
  step1,
  step2,
  update,
  awareness,
  token,
  query_awareness,
  stateless,
  close,
  ping,
  pong,
  broadcast_stateless,  // which no client may send
  unknown               // of a type, or with a payload, that this wire does not have
};

// Borrowed from its frame.
struct Message {
  std::string_view address;  // any bytes; none of ping and pong
  Kind kind;
  Bytes payload;  // a state vector, an update, an awareness update, a token or a text
};

// Status::malformed: not even an address can be read, or it is too long for one.
Result<Message> read_message(Bytes frame);

// The name of a document, of an address.
std::string_view document_of(std::string_view address);

// What stands before a message for this address.
std::vector<uint8_t> prefix_of(std::string_view address);

// Tickets of updates: whether their client waits to hear of them.
inline constexpr uint64_t kCountsNot = 0, kCounts = 1;

// Each writes one item, without what stands before it.
Status write_step1(Bytes state_vector, Sink out);
Status write_step2(Bytes update, Sink out);
Status write_update(Bytes update, Sink out);
Status write_awareness(std::span<const freshet_presence> entries, Sink out);
Status write_stateless(std::string_view text, Sink out);
enum class Saved : uint8_t { no = 0, yes = 1 };
Status write_sync_status(Saved saved, Sink out);
Status write_token_wanted(Sink out);
Status write_denied(std::string_view why, Sink out);
enum class Scope : uint8_t { read_only, read_write };
Status write_authenticated(Scope scope, Sink out);
Status write_close(std::string_view why, Sink out);

// A whole frame.
Bytes pong();

}  // namespace freshet::hocuspocus
