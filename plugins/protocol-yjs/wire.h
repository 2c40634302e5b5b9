// wire.h: the frames of y-websocket, both ways. Pure functions of bytes; nothing here keeps state.
//
//   frame      varuint type, then
//     0 sync       varuint 0 step1, bytes(state vector) | 1 step2 or 2 update, bytes(update v1)
//     1 awareness  bytes of freshet/format/awareness.h
//     2 auth       varuint 0, string(why): what a server says of a refusal. Clients print it
//     3 query      nothing: "tell me everybody's awareness"
//
// One message is one frame. Stock clients read the first message of a frame and no further, and so
// do we: what stands behind it is not looked at and never passed on.
// Source: y-protocols 1.0 (sync.js, awareness.js) and y-websocket 3.1.
#pragma once

#include <span>
#include <string_view>

#include "freshet/abi/room.h"
#include "freshet/bytes.h"
#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet::yjs {

enum class MessageKind { step1, step2, update, awareness, auth, query_awareness };

struct Message {
  MessageKind kind;
  Bytes payload;  // borrowed from the frame: a state vector, an update, or an awareness update
};

// Status::malformed: no message that a client of this wire sends.
Result<Message> read_message(Bytes frame);

// Each writes one item, in place and in one pass.
Status write_step1(Bytes state_vector, Sink out);
Status write_step2(Bytes update, Sink out);
Status write_update(Bytes update, Sink out);
Status write_refusal(std::string_view why, Sink out);
Status write_awareness(std::span<const freshet_presence> entries, Sink out);

}  // namespace freshet::yjs
