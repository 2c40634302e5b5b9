// server_message.h: what a pluv server says, as JSON or as msgpack. Pure.
//
//   {"type", "data", "connectionId", "room", "user"}
//
// connectionId is whose message it is, and clients pass over system messages where it is null: what
// comes of nobody in particular is from kServerId. `user` is the sender's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "freshet/abi/protocol.h"
#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet::pluv {

inline constexpr std::string_view kServerId = "p_server";

// How this wire calls somebody in a room, of whichever wire they are.
std::string connection_id(uint64_t client);

// How messages are written; the number is the variant of a session's deliveries.
enum class Format : uint32_t { json = 0, msgpack = 1 };

// The subprotocol that asks for msgpack, in binary frames.
inline constexpr std::string_view kMsgpackSubprotocol = "freshet.msgpack";

inline Format format_of(std::string_view subprotocol) {
  return subprotocol == kMsgpackSubprotocol ? Format::msgpack : Format::json;
}

// Who a message that goes to one connection alone is about: its own session.
struct Addressee {
  Format format = Format::json;
  std::string connection_id;  // empty: it never had one
  std::string_view room;
  std::string_view user;  // JSON; empty: null
};

// What an $error answers. `type` is that of the client's message; empty: nothing in particular.
struct Answered {
  std::string_view type = {};
  uint64_t update = 0;  // the how-many-eth $updateStorage; 0: none, or not known
  uint64_t call = 0;    // the how-many-eth event of this connection
};

// Each gives one whole message.
std::string pong(const Addressee& to);
std::string error(const Addressee& to, std::string_view message, const Answered& answered = {});
std::string saved(const Addressee& to, uint64_t update);

// In the format that is the delivery's variant. Status::not_found: there is nothing to say on this
// wire.
Status write_delivery(const freshet_delivery& delivery, Sink out);

}  // namespace freshet::pluv
