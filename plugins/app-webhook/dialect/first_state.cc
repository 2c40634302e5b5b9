#include "app-webhook/dialect/first_state.h"

#include "app-webhook/limits.h"
#include "app-webhook/signing/signature.h"
#include "freshet/format/json.h"
#include "freshet/format/utf8.h"

namespace freshet::webhook {

std::optional<std::string_view> member_of(std::string_view object, std::string_view name) {
  if (!valid_utf8(as_bytes(object))) return std::nullopt;
  std::optional<std::string_view> found;
  JsonReader in(object);
  if (!in.enter('{')) return std::nullopt;
  for (std::string_view key; !(key = in.key()).empty();) {
    const std::string_view value = in.value(kMaxDepth);
    if (json_text(key) == name) found = value;
  }
  return in.at_end() ? found : std::nullopt;
}

Status read_storage(std::string_view value, std::string& state) {
  if (value == "null") return Status::not_found;
  if (!value.starts_with('"')) return Status::malformed;
  std::string_view text = value.substr(1, value.size() - 2);
  // Some write "\/" for a slash: only such an answer is copied.
  std::optional<std::string> unescaped;
  if (text.find('\\') != text.npos) {
    unescaped = json_text(value);
    if (!unescaped) return Status::malformed;
    text = *unescaped;
  }
  if (!decode_base64(text, state)) return Status::malformed;
  return state.empty() ? Status::not_found : Status::ok;
}

}  // namespace freshet::webhook
