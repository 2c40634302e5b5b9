#include "values/json_text.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>

#include "freshet/format/codec.h"
#include "values/values.h"

namespace freshet::crdt {

void append_utf8(uint32_t point, std::string& out) {
  if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
  const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) return put(0xc0 | point >> 6), put(0x80 | (point & 0x3f));
  if (point < 0x10000) {
    return put(0xe0 | point >> 12), put(0x80 | (point >> 6 & 0x3f)), put(0x80 | (point & 0x3f));
  }
  put(0xf0 | point >> 18);
  put(0x80 | (point >> 12 & 0x3f));
  put(0x80 | (point >> 6 & 0x3f));
  put(0x80 | (point & 0x3f));
}

namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

uint32_t hex4(std::string_view text) {
  uint32_t value = 0;
  std::from_chars(text.data(), text.data() + 4, value, 16);
  return value;
}

// One past the string literal that starts at `at`.
size_t literal_end(std::string_view json, size_t at) {
  for (++at; json[at] != '"'; ++at) at += json[at] == '\\' ? 1 : 0;
  return at + 1;
}

// One past the value that starts at `at`.
size_t value_end(std::string_view json, size_t at) {
  size_t depth = 0;
  do {
    const char c = json[at];
    if (c == '"') {
      at = literal_end(json, at);
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    ++at;
    if (depth > 0 || c == ']' || c == '}') continue;
    while (at < json.size() && json[at] != ',' && json[at] != ']' && json[at] != '}' &&
           !is_space(json[at])) {
      ++at;
    }
  } while (depth > 0);
  return at;
}

size_t skip_space(std::string_view json, size_t at) {
  while (at < json.size() && is_space(json[at])) ++at;
  return at;
}

// As JSON.parse reads it: beyond the range of a double it is infinite, or zero.
double number_of(std::string_view token) {
  double number = 0;
  const auto result = std::from_chars(token.data(), token.data() + token.size(), number);
  return result.ec == std::errc() ? number : std::strtod(std::string(token).c_str(), nullptr);
}

void append_scalar(std::string_view token, std::string& out) {
  if (token[0] == '"') {
    out += json_unquote(token);
  } else if (token[0] == 't' || token[0] == 'f' || token[0] == 'n') {
    out += token;
  } else {
    append_json_number(number_of(token), out);
  }
}

}  // namespace

std::string json_unquote(std::string_view literal) {
  std::string out;
  for (size_t at = 1; at + 1 < literal.size(); ++at) {
    if (literal[at] != '\\') {
      out += literal[at];
      continue;
    }
    switch (const char c = literal[++at]) {
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u': {
        uint32_t point = hex4(literal.substr(at + 1));
        at += 4;
        if (point >> 10 == 0x36 && literal.substr(at + 1).starts_with("\\u")) {
          const uint32_t low = hex4(literal.substr(at + 3));
          if (low >> 10 == 0x37) {
            point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
            at += 6;
          }
        }
        append_utf8(point, out);
        break;
      }
      default: out += c;
    }
  }
  return out;
}

// Arrays flatten to their elements with commas between, null and undefined to nothing in them.
void append_js_string_of_json(std::string_view json, std::string& out) {
  size_t arrays = 0;
  for (size_t at = skip_space(json, 0); at < json.size(); at = skip_space(json, at)) {
    const char c = json[at];
    if (c == '[' || c == ']' || c == ',') {
      if (c == ',') out += ',';
      arrays += c == '[' ? 1 : 0;
      arrays -= c == ']' ? 1 : 0;
      ++at;
      continue;
    }
    const size_t end = value_end(json, at);
    const std::string_view token = json.substr(at, end - at);
    if (c == '{') {
      out += "[object Object]";
    } else if (arrays == 0 || token != "null") {
      append_scalar(token, out);
    }
    at = end;
  }
}

std::vector<std::pair<std::string, std::string>> json_entries(std::string_view json) {
  std::vector<std::pair<std::string, std::string>> entries;
  size_t at = skip_space(json, 0);
  if (at == json.size()) return entries;
  if (json[at] == '"') {
    const std::string text = json_unquote(json.substr(at, literal_end(json, at) - at));
    size_t index = 0;
    for (size_t from = 0; from < text.size();) {
      size_t to = from + 1;
      while (to < text.size() && (static_cast<unsigned char>(text[to]) & 0xc0) == 0x80) ++to;
      std::string quoted;
      append_json_string(std::string_view(text).substr(from, to - from), quoted);
      entries.emplace_back(std::to_string(index++), std::move(quoted));
      from = to;
    }
    return entries;
  }
  const char open = json[at];
  if (open != '{' && open != '[') return entries;
  for (at = skip_space(json, at + 1); json[at] != '}' && json[at] != ']';) {
    std::string key = std::to_string(entries.size());
    if (open == '{') {
      const size_t end = literal_end(json, at);
      key = json_unquote(json.substr(at, end - at));
      at = skip_space(json, skip_space(json, end) + 1);
    }
    const size_t end = value_end(json, at);
    std::erase_if(entries, [&](const auto& entry) { return entry.first == key; });
    entries.emplace_back(std::move(key), json.substr(at, end - at));
    at = skip_space(json, end);
    if (json[at] == ',') at = skip_space(json, at + 1);
  }
  return entries;
}

namespace {

void append_scalar_as_any(std::string_view token, std::vector<uint8_t>& out) {
  Writer writer(out);
  switch (token[0]) {
    case '"': writer.u8(kAnyString); return writer.string(json_unquote(token));
    case 't': return writer.u8(kAnyTrue);
    case 'f': return writer.u8(kAnyFalse);
    case 'n': return writer.u8(kAnyNull);
    default: return append_any_number(number_of(token), out);
  }
}

}  // namespace

// A container's count stands before its elements, so each open one collects them in its own buffer.
void append_json_as_any(std::string_view json, std::vector<uint8_t>& out) {
  struct Level {
    bool object;
    uint64_t count = 0;
    std::vector<uint8_t> elements = {};
  };
  std::vector<Level> levels;
  for (size_t at = skip_space(json, 0); at < json.size(); at = skip_space(json, at)) {
    const char c = json[at];
    if (c == ',') {
      ++at;
      continue;
    }
    if (c == ']' || c == '}') {
      const Level done = std::move(levels.back());
      levels.pop_back();
      Writer writer(levels.empty() ? out : levels.back().elements);
      writer.u8(done.object ? kAnyObject : kAnyArray);
      writer.varuint(done.count);
      writer.raw(done.elements);
      ++at;
      continue;
    }
    if (!levels.empty()) {
      Level& level = levels.back();
      ++level.count;
      if (level.object) {
        const size_t end = literal_end(json, at);
        Writer(level.elements).string(json_unquote(json.substr(at, end - at)));
        at = skip_space(json, skip_space(json, end) + 1);
      }
    }
    if (json[at] == '[' || json[at] == '{') {
      levels.push_back({.object = json[at] == '{'});
      ++at;
      continue;
    }
    const size_t end = value_end(json, at);
    append_scalar_as_any(json.substr(at, end - at), levels.empty() ? out : levels.back().elements);
    at = end;
  }
}

}  // namespace freshet::crdt
