// core/apps/procedure_calls.h: what clients of one shard called, on its way to an app and back.
//
// In order and one at a time for each room, beside its notices; bounded and timed like them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/apps/notices.h"
#include "core/apps/procedures.h"
#include "core/presence/presence.h"

namespace freshet {

struct ProcedureCall {
  const Procedures::One* procedure = nullptr;
  std::string room;
  MemberId from = 0;
  uint64_t session = 0;
  std::string user = {};     // JSON; empty: anonymous
  std::string user_id = {};  // of it; empty: none
  uint64_t unix_ms = 0;
  std::string input = {};
  uint64_t ticket = 0;        // the caller's name for it
  std::string sessions = {};  // from here on: when its turn has come
  std::vector<uint8_t> state = {};

  size_t size_bytes() const {
    return sizeof(*this) + room.size() + user.size() + user_id.size() + input.size();
  }
};

class ProcedureCalls {
 public:
  // Puts in what the procedure wants of the room; false: the room cannot give it.
  using Prepare = std::function<bool(ProcedureCall&)>;
  // Once for each, with what came of it: Status::retry if nothing came in time.
  using Ended = std::function<void(const ProcedureCall&, Status, const ReplyItems&)>;

  ProcedureCalls(Application& app, const Notices::Parts& parts, Prepare prepare, Ended ended);
  ProcedureCalls(const ProcedureCalls&) = delete;
  ProcedureCalls& operator=(const ProcedureCalls&) = delete;

  const Application& app() const { return app_; }
  // `bytes`: of what the same session calls already. Status::limit: it, or all together, have too
  // much waiting, and this will not be called.
  Status push(size_t bytes, ProcedureCall called);
  void tick(uint64_t now_ms);
  bool idle() const { return turns_.idle(); }

 private:
  class Call;
  struct Entry {
    ProcedureCall called;
    uint64_t since_ms = 0;
  };
  void start(Entry entry);

  Application& app_;
  const Notices::Parts parts_;
  const Prepare prepare_;
  const Ended ended_;
  RoomTurns<Entry> turns_;
};

}  // namespace freshet
