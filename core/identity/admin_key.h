// core/identity/admin_key.h: the key of those who may reach the admin listener over TCP.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "core/identity/limits.h"
#include "core/rates/named_rates.h"
#include "core/report/log.h"
#include "core/report/metrics.h"
#include "core/report/rare_line.h"

namespace freshet {

// Whoever says wrong ones from one address is not listened to for a while, right ones included, so
// that nobody tries many. [any]
class AdminKey {
 public:
  // `key`: empty: none is asked for.
  AdminKey(std::string key, Metrics& metrics, Log& log);
  AdminKey(const AdminKey&) = delete;
  AdminKey& operator=(const AdminKey&) = delete;

  bool asked() const { return !key_.empty(); }

  // As judge(), of what is judged once more: counts nothing.
  bool would_take(std::string_view said, std::string_view peer, uint64_t now_ms);

  enum class Verdict { right, wrong, too_often };
  // `said`: empty: none, which is no try. In a time that says nothing of the key but its length.
  Verdict judge(std::string_view said, std::string_view peer, uint64_t now_ms);

 private:
  bool is_right(std::string_view said) const;
  void note_wrong(std::string_view peer, uint64_t now_ms);

  const std::string key_;
  freshet_metric& wrong_;
  std::mutex mutex_;  // guards what follows
  NamedRates tries_{kWrongKeysPerSecond, kKeyTryingAddresses};
  RareLine line_;
};

}  // namespace freshet
