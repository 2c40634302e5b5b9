// msgpack_value.h: the values of JSON in MessagePack, there and back.
//
// Rooms keep and pass on JSON, whatever wire it came by. What JSON cannot say (bytes, extensions,
// NaN, keys that are no strings) has no place in a message but where its wire says so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::pluv {

// Appends one JSON value as MessagePack. Whole numbers that 64 bits hold are whole numbers there,
// 1.0 and -0 too, all others doubles; half a surrogate pair becomes U+FFFD. REQUIRES: it was
// walked, as JsonReader does. What is nested deeper than kMaxDepth becomes nil.
void append_msgpack(std::string& out, std::string_view json);

// One message of a client as JSON text, but for the bytes in it.
struct MsgpackText {
  std::string json;
  std::vector<uint8_t> update;  // of the `update` in its `data`, where the text has ""
  bool has_update = false;
};

// False: the frame is not one value that JSON can say, or it is nested deeper than kMaxDepth and
// one, or there are bytes elsewhere in it. The text is at most six times as long as the frame.
bool read_msgpack(Bytes frame, MsgpackText& out);

}  // namespace freshet::pluv
