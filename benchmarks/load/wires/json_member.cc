#include "json_member.h"

#include <algorithm>

#include "load/limits.h"

namespace freshet::load {

namespace {

constexpr std::string_view kBlank = " \t\r\n";

void skip_blank(std::string_view& in) {
  in.remove_prefix(std::min(in.find_first_not_of(kBlank), in.size()));
}

// Takes a string off the front, with its quotes; empty: there is none.
std::string_view take_string(std::string_view& in) {
  if (!in.starts_with('"')) return {};
  size_t end = in.find('"', 1);
  // A quote behind an odd number of backslashes is a letter.
  for (; end != std::string_view::npos; end = in.find('"', end + 1)) {
    size_t slashes = 0;
    while (in[end - 1 - slashes] == '\\') ++slashes;
    if (slashes % 2 == 0) break;
  }
  if (end == std::string_view::npos) return {};
  const std::string_view text = in.substr(0, end + 1);
  in.remove_prefix(end + 1);
  return text;
}

// Takes a value off the front; empty: there is none, or it is too deep.
std::string_view take_value(std::string_view& in) {
  const std::string_view from = in;
  unsigned depth = 0;
  while (!in.empty()) {
    const char letter = in.front();
    if (letter == '"') {
      if (take_string(in).empty()) return {};
    } else if (letter == '{' || letter == '[') {
      if (++depth > kMaxJsonDepth) return {};
      in.remove_prefix(1);
    } else if (letter == '}' || letter == ']') {
      if (depth == 0) break;
      --depth;
      in.remove_prefix(1);
    } else if (letter == ',' && depth == 0) {
      break;
    } else {
      in.remove_prefix(1);
      continue;  // a number or a word goes on
    }
    if (depth == 0) break;
  }
  return depth == 0 ? from.substr(0, from.size() - in.size()) : std::string_view{};
}

}  // namespace

std::optional<std::string_view> json_member(std::string_view object, std::string_view key) {
  skip_blank(object);
  if (!object.starts_with('{')) return std::nullopt;
  do {
    object.remove_prefix(1);  // the brace, or the comma
    skip_blank(object);
    const std::string_view name = take_string(object);
    skip_blank(object);
    if (name.empty() || !object.starts_with(':')) return std::nullopt;
    object.remove_prefix(1);
    skip_blank(object);
    const std::string_view value = take_value(object);
    if (value.empty()) return std::nullopt;
    if (name.substr(1, name.size() - 2) == key) return value;
    skip_blank(object);
  } while (object.starts_with(','));
  return std::nullopt;
}

std::string_view json_text(std::string_view object, std::string_view key) {
  const auto value = json_member(object, key);
  if (!value || value->size() < 2 || value->front() != '"') return {};
  const std::string_view text = value->substr(1, value->size() - 2);
  return text.find('\\') == std::string_view::npos ? text : std::string_view{};
}

}  // namespace freshet::load
