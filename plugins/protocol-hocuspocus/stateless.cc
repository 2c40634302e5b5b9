#include "stateless.h"

#include <algorithm>

#include "freshet/format/json.h"
#include "limits.h"

namespace freshet::hocuspocus {
namespace {

constexpr std::string_view kTypeIs = R"({"type":")", kDataIs = R"(","data":)";

// One that means itself between quotes, and is nobody's own.
bool is_name(std::string_view name) {
  const bool plain = std::ranges::none_of(
      name, [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == '"' || c == '\\'; });
  return plain && !name.empty() && name.size() <= kMaxEventNameBytes && !name.starts_with('$') &&
         name != kStatelessEvent;
}

// JSON without space around it.
bool is_data(std::string_view json) {
  JsonReader in(json);
  return in.value(kMaxDataDepth).size() == json.size() && in.at_end();
}

}  // namespace

Event event_of(std::string_view text) {
  const size_t data = text.find(kDataIs);
  if (text.starts_with(kTypeIs) && data != text.npos && text.ends_with('}')) {
    const std::string_view name = text.substr(kTypeIs.size(), data - kTypeIs.size());
    std::string_view json = text.substr(data + kDataIs.size());
    json.remove_suffix(1);
    if (is_name(name) && is_data(json)) return {std::string(name), std::string(json)};
  }
  Event event{std::string(kStatelessEvent), {}};
  append_json_string(event.json, text);
  return event;
}

std::string text_of(std::string_view name, std::string_view json) {
  if (name != kStatelessEvent) {
    std::string text = R"({"type":)";
    append_json_string(text, name);
    text += R"(,"data":)";
    text += json;
    return text + '}';
  }
  JsonReader in(json);
  if (in.next() != '"') return std::string(json);
  const std::string_view literal = in.value(1);
  return in.at_end() ? json_text_replaced(literal) : std::string(json);
}

std::string error_text(std::string_view event, std::string_view words) {
  std::string data = R"({"message":)";
  append_json_string(data, words);
  data += R"(,"event":)";
  append_json_string(data, event);
  return text_of("$error", data + '}');
}

}  // namespace freshet::hocuspocus
