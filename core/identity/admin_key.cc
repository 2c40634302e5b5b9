#include "core/identity/admin_key.h"

#include "core/request/network.h"
#include "freshet/format/request.h"

namespace freshet {
AdminKey::AdminKey(std::string key, Metrics& metrics, Log& log)
    : key_(std::move(key)),
      wrong_(metrics.counter("freshet_admin_keys_refused_total",
                             "Requests to the admin listener that brought a wrong key.")),
      line_(log, "address", "said a wrong admin key") {}

bool AdminKey::is_right(std::string_view said) const { return same_secret(said, key_); }

void AdminKey::note_wrong(std::string_view peer, uint64_t now_ms) {
  wrong_.add();
  line_.note(peer, "", now_ms);
}

bool AdminKey::would_take(std::string_view said, std::string_view peer, uint64_t now_ms) {
  if (!asked()) return true;
  const std::string from = network_of(peer.substr(0, kMaxPeerBytes));
  const std::lock_guard lock(mutex_);
  return tries_.has_any(from, now_ms) && is_right(said);
}

AdminKey::Verdict AdminKey::judge(std::string_view said, std::string_view peer, uint64_t now_ms) {
  if (!asked()) return Verdict::right;
  if (said.empty()) return Verdict::wrong;
  const std::string from = network_of(peer.substr(0, kMaxPeerBytes));
  const std::lock_guard lock(mutex_);
  if (!tries_.has_any(from, now_ms)) {
    if (!is_right(said)) note_wrong(peer, now_ms);
    return Verdict::too_often;
  }
  if (is_right(said)) return Verdict::right;
  static_cast<void>(tries_.take(from, now_ms));
  note_wrong(peer, now_ms);
  return Verdict::wrong;
}

}  // namespace freshet
