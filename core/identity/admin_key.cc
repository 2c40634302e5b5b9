#include "core/identity/admin_key.h"

#include <sodium.h>

#include "core/request/network.h"

namespace freshet {
namespace {

bool is_same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

AdminKey::AdminKey(std::string key, Metrics& metrics, Log& log)
    : key_(std::move(key)),
      wrong_(metrics.counter("freshet_admin_keys_refused_total",
                             "Requests to the admin listener that brought a wrong key.")),
      line_(log, "address", "said a wrong admin key") {}

bool AdminKey::is_right(std::string_view said) const { return !asked() || is_same(said, key_); }

AdminKey::Verdict AdminKey::judge(std::string_view said, std::string_view peer, uint64_t now_ms) {
  if (!asked()) return Verdict::right;
  if (said.empty()) return Verdict::wrong;
  const std::string from = network_of(peer.substr(0, kMaxPeerBytes));
  const std::lock_guard lock(mutex_);
  if (!tries_.has_any(from, now_ms)) return Verdict::too_often;
  if (is_right(said)) return Verdict::right;
  static_cast<void>(tries_.take(from, now_ms));
  wrong_.add();
  line_.note(peer, "", now_ms);
  return Verdict::wrong;
}

}  // namespace freshet
