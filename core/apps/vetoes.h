// core/apps/vetoes.h: what one shard asks one app before it happens.
//
// Side by side, a few at once, the others in their order. Each is answered once, within
// Limits::veto_timeout_ms from when it was asked, whatever the app does: at once where it is left
// alone ([plugin.limits]). Everything runs on the shard.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/apps/notices.h"
#include "core/presence/presence.h"

namespace freshet {

// What somebody is about to do.
struct Intent {
  uint32_t what = FRESHET_VETO_JOIN;  // or FRESHET_VETO_EDIT
  std::string room;
  MemberId from = 0;
  uint64_t question = 0;  // the room's name for it
  uint64_t session = 0;
  std::string user = {};  // JSON; empty: anonymous
  uint64_t unix_ms = 0;
  uint64_t ticket = 0;
  uint32_t format = 0;
  std::vector<uint8_t> update = {};

  size_t size_bytes() const { return sizeof(*this) + room.size() + user.size() + update.size(); }
};

enum class Verdict : uint8_t { allowed, refused, late };

class Vetoes {
 public:
  // `reason`: in words, of what is refused.
  using Judged = std::function<void(const Intent&, Verdict, std::string_view reason)>;

  Vetoes(Application& app, const Notices::Parts& parts);
  Vetoes(const Vetoes&) = delete;
  Vetoes& operator=(const Vetoes&) = delete;

  const Application& app() const { return app_; }
  // `done` comes later, never inside this call.
  void ask(Intent about, Judged done);
  bool idle() const { return open_.empty(); }

 private:
  class Call;
  struct Entry {
    uint64_t number;
    std::unique_ptr<const Intent> about;
  };
  struct Open {
    const Intent* about;  // its entry's or its call's
    Judged done;
    uint64_t deadline_ms;
  };

  void start(Entry entry);
  void leave_out(Entry entry);
  void end(uint64_t number, Status status, const ReplyItems& items);
  void end_late(uint64_t number);
  void answer(uint64_t number, Verdict verdict, std::string_view reason);
  void arm();
  void on_time();

  Application& app_;
  const Notices::Parts parts_;
  const uint32_t timeout_ms_;
  uint64_t last_ = 0;
  std::map<uint64_t, Open> open_;  // in the order of their deadlines
  RoomTurns<Entry> turns_;         // each by itself
  size_t bytes_ = 0;               // of all that is open
  bool armed_ = false;
};

}  // namespace freshet
