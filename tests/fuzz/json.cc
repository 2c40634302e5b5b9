// The validator of awareness states against a parser of another hand.
#include "freshet/format/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "freshet/format/utf8.h"
#include "require.h"

namespace {

constexpr unsigned kDepth = 64;

// Where nlohmann::json insists on more than the grammar: whole surrogate pairs, and numbers that a
// double can hold.
bool parsers_may_differ(std::string_view text) {
  return text.find("\\u") != std::string_view::npos || text.find_first_of("eE") != text.npos ||
         text.size() > 300;
}

// At least as deep as the text is nested.
unsigned depth_bound(std::string_view text) {
  return static_cast<unsigned>(
      std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const freshet::Bytes bytes{data, size};
  if (!freshet::valid_utf8(bytes)) return 0;
  const std::string_view text = freshet::as_text(bytes);
  const bool ours = freshet::is_json(text, kDepth);
  // It skips a byte order mark and stops at a zero; the grammar has neither.
  if (text.starts_with("\xef\xbb\xbf") || text.find('\0') != text.npos) {
    freshet::fuzz::require(!ours);
    return 0;
  }
  const bool theirs = nlohmann::json::accept(text);
  if (ours && !theirs) freshet::fuzz::require(parsers_may_differ(text));
  if (theirs && !ours) freshet::fuzz::require(depth_bound(text) > kDepth);
  return 0;
}
