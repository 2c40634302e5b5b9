#include "core/rooms/procedure_answer.h"

#include "core/apps/procedures.h"
#include "core/rooms/limits.h"
#include "freshet/abi/app.h"
#include "freshet/format/json.h"
#include "freshet/format/utf8.h"

namespace freshet {
namespace {

bool is_value(Bytes json) { return valid_utf8(json) && is_json(as_text(json), kMaxAnswerDepth); }

// What stands between the brackets of a list.
std::optional<std::string_view> inside_list(Bytes json) {
  const std::string_view text = as_text(json);
  if (!is_value(json)) return std::nullopt;
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (text[begin] != '[') return std::nullopt;
  return text.substr(begin + 1, text.rfind(']') - begin - 1);
}

}  // namespace

std::optional<std::string> edits_of(const ReplyItems& items) {
  std::string list;
  for (const ReplyItem& item : items) {
    if (item.kind != FRESHET_CALL_EDIT) continue;
    const auto operations = inside_list(item.bytes);
    if (!operations) return std::nullopt;
    if (operations->find_first_not_of(" \t\r\n") == std::string_view::npos) continue;
    list += list.empty() ? '[' : ',';
    list += *operations;
  }
  return list.empty() ? list : list + ']';
}

std::string flaw_of(const ReplyItems& items) {
  bool named = false;
  for (const ReplyItem& item : items) {
    switch (item.kind) {
      case FRESHET_CALL_EVENT:
        if (!is_event_name(as_text(item.bytes))) return "an event without a proper name";
        named = true;
        break;
      case FRESHET_CALL_BROADCAST:
      case FRESHET_CALL_SELF:
        if (!named) return "an event without a name";
        if (!is_value(item.bytes)) return "an event that is not JSON";
        break;
      case FRESHET_CALL_SHOW:
        if (!is_value(item.bytes)) return "presence that is not JSON";
        break;
      case FRESHET_CALL_EDIT:
        if (!inside_list(item.bytes)) return "operations that are no JSON list";
        break;
      case FRESHET_CALL_EVICT:
        if (item.number == 0) return "nobody to send away";
        break;
      default: break;
    }
  }
  return "";
}

std::string words_for(const ReplyItems& items, Status status) {
  const ReplyItem* words = find_item(items, FRESHET_CALL_ERROR);
  if (words != nullptr && valid_utf8(words->bytes)) return std::string(as_text(words->bytes));
  switch (status) {
    case Status::retry: return "The server did not answer in time.";
    case Status::limit: return "The server has too much to do.";
    case Status::too_large: return "This is larger than the server takes.";
    default: return "The server failed to answer.";
  }
}

}  // namespace freshet
