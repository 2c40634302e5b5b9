// core/submissions/questions.h: sessions of one room that wait for the word of an app.
//
// A session has one question at a time. Whatever it submits meanwhile waits behind that, in its
// order and within a bound, so that nothing of it is left out alone or overtakes; the room and all
// its other sessions go on. Lives on the room's shard, owned by the room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/audience/member.h"
#include "core/memory/budget.h"
#include "core/residence/residence.h"
#include "core/residence/room_services.h"
#include "core/submissions/submission.h"

namespace freshet {

class Questions {
 public:
  // All outlive it.
  Questions(RoomServices& services, const std::string& room, Residence& residence)
      : services_(services), room_(room), residence_(residence) {}
  Questions(const Questions&) = delete;
  Questions& operator=(const Questions&) = delete;

  // Whether an app is to be asked whether it may come in.
  bool has_to_ask(const Member& joining) const {
    return !joining.let_in && services_.apps.may_veto(FRESHET_VETO_JOIN);
  }
  // The same of what it submits. REQUIRES: the document is in memory, if it takes that.
  bool has_to_ask(Member& from, const Submission& submission);

  // Something of the session's is being asked about.
  bool waits(MemberId session) const { return lines_.contains(session); }
  void ask_join(const Member& joining);
  // Status::retry: there is no memory to keep it. REQUIRES, for both: !waits().
  Status ask_edit(const Member& from, const Submission& submission);
  // Behind what is being asked about. Status::limit: too much would wait. REQUIRES: waits().
  Status keep(const Submission& submission);

  // The question was answered: all that waits, the one that it was about first, judged. Nothing:
  // the session has gone, or this is no question of it any more.
  std::optional<std::vector<KeptSubmission>> take(const Intent& about);
  void forget(MemberId session) { lines_.erase(session); }

 private:
  struct Line {
    uint64_t question;
    Share share;  // of the budget
    std::vector<KeptSubmission> waiting = {};
    size_t bytes = 0;
    size_t about_bytes = 0;  // of these: what is asked about
  };

  Line& begin(MemberId session);
  Status add(Line& line, const Submission& submission);
  Intent intent_of(const Member& who, uint32_t what) const;

  RoomServices& services_;
  const std::string& room_;
  Residence& residence_;
  uint64_t last_ = 0;
  std::unordered_map<MemberId, Line> lines_;
};

}  // namespace freshet
