// core/audience/presence_batch.h: presence as a delivery has it: entries, and beside each whose it
// is.
#pragma once

#include <string_view>
#include <vector>

#include "core/presence/presence.h"
#include "freshet/abi/protocol.h"
#include "freshet/sink.h"

namespace freshet {

// Points to what it was given.
class PresenceBatch {
 public:
  void add(const PresenceNews& news, std::string_view user) {
    entries_.push_back(news);
    sources_.push_back({news.client, user.empty() ? freshet_str{nullptr, 0} : to_c(user),
                        static_cast<uint8_t>(news.arrived ? 1 : 0)});
    changed_ms_.push_back(news.changed_unix_ms);
  }
  bool empty() const { return entries_.empty(); }
  freshet_delivery delivery() const {
    freshet_delivery delivery{};
    delivery.kind = FRESHET_PRESENCE;
    delivery.presence = entries_.data();
    delivery.presence_count = entries_.size();
    delivery.sources = sources_.data();
    delivery.changed_ms = changed_ms_.data();
    return delivery;
  }

 private:
  std::vector<freshet_presence> entries_;
  std::vector<freshet_source> sources_;
  std::vector<uint64_t> changed_ms_;
};

}  // namespace freshet
