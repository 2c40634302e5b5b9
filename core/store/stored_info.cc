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

}  // namespace freshet
