// core/live/server/log_view.h: what one looker has been shown of the log.
//
// Lives on the looker's loop, owned by it. Lines that it is not shown, as they were too many or the
// tail kept them no longer, are counted, and it is told how many.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "core/live/limits.h"
#include "core/live/server/log_tail.h"
#include "core/rates/throttle.h"

namespace freshet {

class LogView {
 public:
  // Lines of this level and above from now on, with those that are kept; nothing: none any more.
  void show(std::optional<freshet_level> least) {
    least_ = least;
    number_ = 0;
  }

  // False: it was not sent, as there was enough.
  using Offer = std::function<bool(std::string_view text)>;
  // What has been written since the last time. Often; nothing while nobody wants it.
  void look(const LogTail& log, uint64_t now_ms, const Offer& offer);

 private:
  void tell_skipped(uint64_t now_ms, const Offer& offer);

  std::optional<freshet_level> least_;
  uint64_t number_ = 0;  // of the last line it has seen; 0: none
  uint64_t skipped_ = 0;
  Throttle lines_{kLogLinesPerSecond};
};

}  // namespace freshet
