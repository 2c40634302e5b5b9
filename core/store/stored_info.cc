#include "core/store/stored_info.h"

#include "core/store/epoch.h"
#include "freshet/abi/store.h"

namespace freshet {

nlohmann::json stored_info(const ReplyItems& items) {
  nlohmann::json out;
  for (const ReplyItem& item : items) {
    switch (item.kind) {
      case FRESHET_STORE_EPOCH: out["epoch"] = hex(item.bytes); break;
      case FRESHET_STORE_SNAPSHOT: out["snapshot_bytes"] = item.number; break;
      case FRESHET_STORE_LAST_SEQ: out["last_seq"] = item.number; break;
      case FRESHET_STORE_LOG_COUNT: out["log_updates"] = item.number; break;
      case FRESHET_STORE_LOG_BYTES: out["log_bytes"] = item.number; break;
      default: break;
    }
  }
  return out;
}

nlohmann::json kept_values(const ReplyItems& items, std::string_view room) {
  nlohmann::json values = nlohmann::json::array();
  bool of_room = false;
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_ROOM) of_room = as_text(item.bytes) == room;
    if (item.kind != FRESHET_STORE_NAME || !of_room) continue;
    values.push_back({{"name", printable(as_text(item.bytes))}, {"bytes", item.number}});
  }
  return values;
}

}  // namespace freshet
