#include "core/live/server/hour.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace freshet {

void Hour::start() {
  loop_.post([](void* self) { static_cast<Hour*>(self)->note(); }, this);
}

void Hour::note() {
  const OnShard here(loop_.shard());
  loop_.after(kHistoryEveryMs, [](void* self) { static_cast<Hour*>(self)->note(); }, this);
  const Figures now = Figures::of_now(loop_, metrics_, shards_);
  if (before_) past_.add(FigureRow(*before_, now));
  before_ = now;
}

nlohmann::json hour_picture(const std::vector<FigureRow>& rows) {
  nlohmann::json told = nlohmann::json::array();
  for (const FigureRow& row : rows) told.push_back(row.values);
  return {{"every_ms", kHistoryEveryMs}, {"fields", FigureRow::kFields}, {"rows", std::move(told)}};
}

}  // namespace freshet
