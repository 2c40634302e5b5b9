#include "core/live/server/log_view.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/live/message.h"
#include "core/live/request.h"

namespace freshet {
namespace {

nlohmann::json json_of_line(const LogTail::Line& line) {
  return {{"at_ms", line.unix_ms},
          {"level", level_name(line.level)},
          {"subject", line.who},
          {"message", line.message}};
}

}  // namespace

void LogView::look(const LogTail& log, uint64_t now_ms, const Offer& offer) {
  if (!least_) return;
  nlohmann::json shown = nlohmann::json::array();
  for (const LogTail::Line& line : log.since(number_)) {
    if (number_ != 0) skipped_ += line.number - number_ - 1;
    number_ = line.number;
    if (line.level < *least_) continue;
    if (lines_.take(now_ms)) {
      shown.push_back(json_of_line(line));
    } else {
      ++skipped_;
    }
  }
  const size_t count = shown.size();
  if (count > 0 && !offer(message_text("logs", std::move(shown)))) skipped_ += count;
  tell_skipped(now_ms, offer);
}

void LogView::tell_skipped(uint64_t now_ms, const Offer& offer) {
  if (skipped_ == 0 || !lines_.take(now_ms)) return;
  if (offer(message_text("logs_skipped", skipped_))) skipped_ = 0;
}

}  // namespace freshet
