#include "core/shards/allowance.h"

namespace freshet {
namespace {

struct About {
  const char* key;
  const char* reason;
  const char* metric;
  const char* help;
};

constexpr About kAll[] = {
    {"messages_per_second", "too many messages in a short time", "freshet_messages_limited_total",
     "Connections closed for more than messages_per_second."},
    {"bytes_per_second", "too many bytes in a short time", "freshet_bytes_limited_total",
     "Connections closed for more than bytes_per_second."},
    {"user_messages_per_second", "too many messages of this user in a short time",
     "freshet_user_messages_limited_total",
     "Connections closed as their user sent more than user_messages_per_second."},
    {"user_bytes_per_second", "too many bytes of this user in a short time",
     "freshet_user_bytes_limited_total",
     "Connections closed as their user sent more than user_bytes_per_second."},
    {"user_joins_per_second", "too many joins of this user in a short time",
     "freshet_user_joins_limited_total",
     "Joins refused as their user had more than user_joins_per_second."},
};

const About& about(Over over) { return kAll[static_cast<size_t>(over) - 1]; }

}  // namespace

std::string_view key_of(Over over) { return about(over).key; }
std::string_view reason_of(Over over) { return about(over).reason; }

OverMetrics::OverMetrics(Metrics& metrics) {
  for (size_t i = 0; i < all_.size(); ++i) {
    all_[i] = &metrics.counter(kAll[i].metric, kAll[i].help);
  }
}

}  // namespace freshet
