#include "app-webhook/signing/canonical_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "app-webhook/limits.h"

namespace freshet::webhook {
namespace {

using Json = nlohmann::json;

// UTF-8 orders by code point. UTF-16 puts what takes two units (F0 and up in UTF-8, D800 and up in
// UTF-16) before U+E000 to U+FFFF (EE and EF).
int utf16_rank(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0xf0) return 0xee;
  return byte >= 0xee ? byte + 0x10 : byte;
}

bool before(const std::string& a, const std::string& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const int p = utf16_rank(x), q = utf16_rank(y);
    return p != q ? p < q : static_cast<unsigned char>(x) < static_cast<unsigned char>(y);
  });
}

bool write(const Json& json, int depth, std::string& out) {
  if (depth > kMaxDepth) return false;
  switch (json.type()) {
    case Json::value_t::object: {
      std::vector<const std::string*> keys;
      for (const auto& [key, value] : json.items()) keys.push_back(&key);
      std::sort(keys.begin(), keys.end(),
                [](const std::string* a, const std::string* b) { return before(*a, *b); });
      out += '{';
      for (const std::string* key : keys) {
        if (key != keys.front()) out += ',';
        out += json_string(*key) + ':';
        if (!write(json[*key], depth + 1, out)) return false;
      }
      out += '}';
      return true;
    }
    case Json::value_t::array: {
      out += '[';
      for (size_t i = 0; i < json.size(); ++i) {
        if (i > 0) out += ',';
        if (!write(json[i], depth + 1, out)) return false;
      }
      out += ']';
      return true;
    }
    case Json::value_t::string: out += json_string(json.get_ref<const std::string&>()); return true;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float: out += number_text(json.get<double>()); return true;
    case Json::value_t::boolean: out += json.get<bool>() ? "true" : "false"; return true;
    default: out += "null"; return true;
  }
}

}  // namespace

std::string number_text(double number) {
  if (!std::isfinite(number)) return "null";
  if (number == 0) return "0";  // and -0
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(number),
                                 std::chars_format::scientific)
                       .ptr;
  // "d.ddde±xx": the digits, and where the point stands among them.
  const std::string_view text(buffer.data(), static_cast<size_t>(end - buffer.data()));
  const size_t e = text.find('e');
  std::string digits;
  for (const char c : text.substr(0, e)) {
    if (c != '.') digits += c;
  }
  int exponent = 0;
  const std::string_view power = text.substr(text[e + 1] == '+' ? e + 2 : e + 1);
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  const int point = exponent + 1, count = static_cast<int>(digits.size());

  std::string out = number < 0 ? "-" : "";
  if (count <= point && point <= 21) {
    return out + digits + std::string(static_cast<size_t>(point - count), '0');
  }
  if (0 < point && point <= 21) {
    return out + digits.insert(static_cast<size_t>(point), ".");
  }
  if (-6 < point && point <= 0) {
    return out + "0." + std::string(static_cast<size_t>(-point), '0') + digits;
  }
  if (count > 1) digits.insert(1, ".");
  return out + digits + "e" + (exponent < 0 ? "-" : "+") + std::to_string(std::abs(exponent));
}

std::string json_string(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<std::string> canonical(std::string_view json) {
  const Json parsed = Json::parse(json, nullptr, false);
  std::string out;
  if (parsed.is_discarded() || !write(parsed, 0, out)) return std::nullopt;
  return out;
}

}  // namespace freshet::webhook
