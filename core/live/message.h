// core/live/message.h: what lookers are told, as they are sent it: a JSON object with one key.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace freshet {

// What is no UTF-8 in it is replaced: names and what others wrote may be anything. [any]
std::string message_text(const char* kind, nlohmann::json what);
// Of a looker's mistake: what is wrong, and what it said. [any]
std::string error_message(std::string_view why, std::string_view got);

}  // namespace freshet
