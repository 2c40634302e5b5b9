#include "core/live/rooms/rooms_view.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace freshet {
namespace {

nlohmann::json json_of_row(const RoomRow& row) {
  return {{"room", row.name},
          {"state", name_of(row.state)},
          {"people", row.people},
          {"shown", row.shown},
          {"bytes", row.bytes},
          {"unsaved_bytes", row.unsaved_bytes},
          {"unsaved_ms", row.unsaved_ms},
          {"lagging", row.lagging},
          {"idle_ms", row.idle_ms}};
}

}  // namespace

void RoomsView::follow(std::optional<RoomsQuery> query) {
  changed_ = found_.has_value();
  turn_.ask();
  query_ = std::move(query);
}

const RoomsQuery& RoomsView::begin(uint64_t now_ms) {
  turn_.begin(now_ms);
  found_.emplace(*query_);
  found_from_ = 0;
  return *query_;
}

std::optional<Ranking> RoomsView::take_in(Ranking found, size_t loops) {
  if (!found_) return std::nullopt;
  found_->take_in(std::move(found));
  if (++found_from_ < loops) return std::nullopt;
  std::optional<Ranking> all = std::exchange(found_, std::nullopt);
  if (query_ && !changed_) return all;
  changed_ = false;
  turn_.ask();
  return std::nullopt;
}

nlohmann::json rooms_picture(Ranking found) {
  nlohmann::json out = {{"open", found.open()},
                        {"matched", found.matched()},
                        {"sort", sort_name(found.query().sort)},
                        {"rows", nlohmann::json::array()}};
  for (const RoomRow& row : std::move(found).in_order()) out["rows"].push_back(json_of_row(row));
  return out;
}

}  // namespace freshet
