#include "auth-jwt/text/json_object.h"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "auth-jwt/limits.h"

namespace freshet::jwt {

using nlohmann::json;

std::optional<json> read_object(std::string_view text) {
  // The parser takes a zero for the end and skips a byte order mark; neither is JSON.
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos || text[begin] != '{' || text.find('\0') != text.npos) return std::nullopt;
  std::vector<std::set<std::string>> open;
  bool strict = true;
  const auto watch = [&](int depth, json::parse_event_t event, json& value) {
    const bool opens =
        event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
    if (opens && depth >= static_cast<int>(kMaxJsonDepth)) strict = false;
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key &&
        !open.back().insert(value.get_ref<const std::string&>()).second) {
      strict = false;
    }
    return true;
  };
  json value = json::parse(text, watch, /*allow_exceptions=*/false);
  if (!strict || !value.is_object()) return std::nullopt;
  return value;
}

const json* member(const json& object, const std::string& name) {
  const auto it = object.find(name);
  return it == object.end() ? nullptr : &*it;
}

const std::string* text_member(const json& object, const std::string& name) {
  const json* value = member(object, name);
  return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

}  // namespace freshet::jwt
