// stateless.h: stateless messages, which are texts, and events, which have a name and are JSON.
//
// A text is the event "stateless" with the text as a JSON string. One that is written
//
//   {"type":"NAME","data":JSON}
//
// to the byte, as JSON.stringify writes it, is the event NAME with that data: so do clients of
// other wires hear it, and so are procedures called. Events go back the same way, so that a
// stateless message reaches others of this wire as it was sent.
#pragma once

#include <string>
#include <string_view>

namespace freshet::hocuspocus {

inline constexpr std::string_view kStatelessEvent = "stateless";

struct Event {
  std::string name, json;
};

// REQUIRES: valid UTF-8.
Event event_of(std::string_view text);
// REQUIRES: `json` is one JSON value.
std::string text_of(std::string_view name, std::string_view json);
// What somebody is told whose procedure `event` failed: the event "$error", as pluv has it.
std::string error_text(std::string_view event, std::string_view words);

}  // namespace freshet::hocuspocus
