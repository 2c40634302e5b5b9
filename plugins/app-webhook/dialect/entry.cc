#include "app-webhook/dialect/entry.h"

#include <charconv>

#include "app-webhook/signing/signature.h"

namespace freshet::webhook {
namespace {

constexpr std::string_view kBefore = "\n{\"storage_at\":", kAfter = "}";

// An update without content: a room that nobody has written in.
bool is_empty(Bytes state) {
  return state.empty() || (state.size() == 2 && state[0] == 0 && state[1] == 0);
}

}  // namespace

std::string entry_with_storage(std::string body, size_t storage_at) {
  body += kBefore;
  body += std::to_string(storage_at);
  return body += kAfter;
}

std::optional<Entry> read_entry(std::string_view text) {
  const size_t line_end = text.find('\n');
  if (line_end == text.npos) return Entry{text, std::nullopt};
  std::string_view note = text.substr(line_end);
  if (!note.starts_with(kBefore) || !note.ends_with(kAfter)) return std::nullopt;
  note.remove_prefix(kBefore.size());
  note.remove_suffix(kAfter.size());
  size_t at = 0;
  const auto [end, error] = std::from_chars(note.data(), note.data() + note.size(), at);
  const bool good = error == std::errc() && end == note.data() + note.size();
  if (!good || at == 0 || at >= line_end) return std::nullopt;
  return Entry{text.substr(0, line_end), at};
}

// Base64 needs no escapes.
std::string storage_text(Bytes state) {
  return is_empty(state) ? "null" : '"' + base64(state) + '"';
}

std::string with_storage(const Entry& entry, Bytes state) {
  const std::string_view before = entry.body.substr(0, *entry.storage_at);
  const std::string_view after = entry.body.substr(*entry.storage_at);
  const std::string storage = storage_text(state);
  constexpr std::string_view kKey = ",\"storage\":";
  std::string out;
  out.reserve(entry.body.size() + kKey.size() + storage.size());
  out += before;
  out += before.ends_with('{') ? kKey.substr(1) : kKey;
  out += storage;
  return out += after;
}

}  // namespace freshet::webhook
