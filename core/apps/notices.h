// core/apps/notices.h: what one shard has to tell one app: in order per room, bounded, timed.
//
// Everything runs on the shard. A room's next notice is given when its last is answered or late. An
// app that hangs is soon told nothing more (room_turns.h); what then waits is bounded, and the
// rest dropped and counted.
#pragma once

#include <functional>
#include <string>

#include "core/apps/application.h"
#include "core/apps/notice.h"
#include "core/apps/room_turns.h"
#include "core/config/limits.h"
#include "core/report/log.h"
#include "core/store/history.h"
#include "core/store/store_queue.h"

namespace freshet {

struct AppMetrics {
  explicit AppMetrics(Metrics& m)
      : given(m.counter("freshet_app_notices_total", "What apps were told of rooms.")),
        failed(m.counter("freshet_app_failures_total", "Calls of apps that failed or came late.")),
        dropped(m.counter("freshet_app_dropped_total",
                          "What apps were not told because too much waited for them.")),
        waiting(m.gauge("freshet_app_waiting_bytes", "What waits for apps.")),
        refused(m.counter("freshet_app_vetoes_total", "Edits and joins that apps refused.")),
        unanswered(m.counter("freshet_app_vetoes_late_total",
                             "Edits and joins that apps did not answer for in time.")) {}

  freshet_metric &given, &failed, &dropped, &waiting, &refused, &unanswered;
};

class Notices {
 public:
  // Writes the document of a room that has it in memory; false: it has not.
  using LiveState = std::function<bool(const std::string& room, std::vector<uint8_t>& out)>;
  using Asked = SimpleCall::Done;

  struct Parts {
    Loop loop;
    const freshet_crdt& crdt;
    StoreQueue& store;
    Replies& replies;
    const Limits& limits;
    Log& log;
    AppMetrics& metrics;
    size_t limit_bytes;  // this shard's part of Limits::app_bytes
  };

  Notices(Application& app, const Parts& parts, LiveState live_state);
  Notices(const Notices&) = delete;
  Notices& operator=(const Notices&) = delete;

  const Application& app() const { return app_; }
  void tell(Notice notice);
  // Answered once: Status::retry if the app's turn does not come, or its answer, within the
  // deadline.
  void ask_initial_storage(const std::string& room, Asked done);
  void tick(uint64_t now_ms);
  bool idle() const { return turns_.idle(); }

 private:
  class Call;
  struct Entry {
    Notice notice;
    Asked asked = nullptr;  // null: it is a notice
    uint64_t since_ms = 0;
  };
  bool tells_already(const Notice& notice) const;
  bool takes(const Notice& notice) const;
  void push(Entry entry);
  void start(const std::string& room, Entry entry);
  void give(Entry entry, Result<ReplyItems> stored);
  void count_waiting();
  void note_unread(const std::string& room, Status status);

  Application& app_;
  const Parts parts_;
  const LiveState live_state_;
  RoomTurns<Entry> turns_;
  size_t counted_bytes_ = 0;  // of turns_, in the metric
  uint64_t log_not_before_ms_ = 0;
};

}  // namespace freshet
