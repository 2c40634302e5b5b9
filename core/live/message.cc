#include "core/live/message.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace freshet {

std::string message_text(const char* kind, nlohmann::json what) {
  nlohmann::json message = nlohmann::json::object();
  message[kind] = std::move(what);
  return message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string error_message(std::string_view why, std::string_view got) {
  return message_text("error", {{"message", why}, {"got", got}});
}

}  // namespace freshet
