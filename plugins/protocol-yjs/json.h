// json.h: is this text one JSON value? Looks at every byte once, builds nothing.
//
// The grammar of RFC 8259, no more. An escaped lone surrogate ("\ud83d") is in that grammar, and
// JSON.stringify writes one for a name that was cut inside an emoji: parsers that insist on whole
// pairs would end the connection of a well-behaved client.
#pragma once

#include <string_view>

namespace freshet::yjs {

// False also for objects and arrays nested deeper than `max_depth`.
// REQUIRES: `text` is valid UTF-8.
bool is_json(std::string_view text, unsigned max_depth);

}  // namespace freshet::yjs
