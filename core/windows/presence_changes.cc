#include "core/windows/presence_changes.h"

#include <algorithm>
#include <utility>

namespace freshet {

void PresenceChanges::add(const PresenceNews& news, std::string_view user) {
  first_version_ = std::min(first_version_, news.version);
  anybody_came_ = anybody_came_ || news.arrived;
  const auto [it, first] = at_.try_emplace(news.client, changes_.size());
  if (first) {
    changes_.push_back({news.client, news.clock, news.version, news.version, news.from,
                        !news.arrived, news.renewed, std::string(user)});
    return;
  }
  Change& known = changes_[it->second];
  known.clock = news.clock;
  known.version = news.version;
  known.renewed = known.renewed && news.renewed;
  known.from = news.from;
  known.user = user;
}

std::vector<PresenceChanges::News> PresenceChanges::take(const Presence& presence) {
  std::vector<News> out;
  for (Change& each : changes_) {
    const std::optional<PresenceNews> now = presence.of(each.client);
    PresenceNews news = {{each.client, each.clock, {nullptr, 0}}, each.from};
    news.version = each.version;
    if (now) news = *now;
    news.arrived = now && !each.was_there;
    news.renewed = now && each.renewed;
    out.push_back({news, std::move(each.user), each.was_there ? 0 : each.first_version,
                   !now && !each.was_there});
  }
  clear();
  return out;
}

}  // namespace freshet
