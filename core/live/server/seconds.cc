#include "core/live/server/seconds.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace freshet {

std::optional<nlohmann::json> Seconds::look(uint64_t now_ms) {
  if (before_ && now_ms < due_ms_) return std::nullopt;
  due_ms_ = now_ms + kServerEveryMs;
  const Figures now = Figures::of_now(loop_, metrics_, shards_);
  const std::optional<Figures> before = std::exchange(before_, now);
  if (!before) return std::nullopt;
  const FigureRow row(*before, now);
  nlohmann::json out = nlohmann::json::object();
  for (size_t i = 0; i < row.values.size(); ++i) {
    out[std::string(FigureRow::kFields[i])] = row.values[i];
  }
  out["connections"] = now.connections;
  out["lagging"] = now.lagging;
  out["held"] = now.held;
  return out;
}

}  // namespace freshet
