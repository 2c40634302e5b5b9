// client_message.h: what a pluv client sends. Pure functions of bytes; nothing here keeps state.
//
//   {"type": "$initializeSession", "data": {"presence": {…}, "update": base64 | "" | null}}
//   {"type": "$getOthers",         "data": {}}
//   {"type": "$updatePresence",    "data": {"presence": {…}}}                     a patch
//   {"type": "$updateStorage",     "data": {"origin": …, "update": base64 | ""}}
//   {"type": "$ping",              "data": {}}
//   {"type": any other name,       "data": {…} | […] | null}                      an event
//
// "$initialized" as the origin says that the client has built its document and wants to hear of
// changes. Other keys are left out; other names that begin with '$' are nobody's to send. In
// msgpack it is the same, but for `update`: that is bytes.
// Source: what @pluv/client 5 sends, observed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"
#include "msgpack_value.h"

namespace freshet::pluv {

enum class ClientKind {
  initialize_session,
  get_others,
  update_presence,
  update_storage,
  ping,
  event
};

struct ClientMessage {
  ClientKind kind = ClientKind::event;
  std::string name;             // its type, as far as it has one that can be read
  std::string_view data;        // of an event: one JSON value, as it came
  std::string_view presence;    // a JSON object, as it came; empty: none
  std::vector<uint8_t> update;  // its bytes, not looked at; empty: none
  bool initialized = false;     // update_storage: the client's document stands
};

// What is wrong with a message, for whoever wrote it.
struct Flaw {
  std::string_view text;
  bool final = false;  // what was lost was content: the client's document is no longer ours
};

// The data of one message, once its name is known.
// REQUIRES: `data` was walked to its last byte. An empty flaw: all is well.
Flaw read_data(std::string_view name, std::string_view data, ClientMessage& out);

// `text` must outlive what is borrowed from it.
Flaw read_message(std::string_view text, ClientMessage& out);
// The same of a msgpack frame, where an update is bytes; `text` is room to work in, with the same
// duty.
Flaw read_message(Bytes frame, MsgpackText& text, ClientMessage& out);

inline constexpr Flaw kNotText{"A message is JSON, in UTF-8."};
inline constexpr Flaw kNotBinary{"A message is msgpack, in a binary frame."};

}  // namespace freshet::pluv
