// core/rooms/desk.h: where a room's document is asked for, and written into.
//
// An update that is taken goes into the document, to the journal, to apps and to everybody else, in
// this order and at once; whoever must be told that it is saved is told when it is. What would hold
// up the shard is not done here, but handed back as work for a worker: null says that all is done.
// The worker takes the document as it is then; the room sees to it that nothing else is served
// until finish().
//
// Lives on the room's shard, owned by the room. REQUIRES for all but may_take(): the document is in
// memory. After any of them it may be broken (Residence::broken).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/audience/audience.h"
#include "core/audience/members.h"
#include "core/audience/refusals.h"
#include "core/residence/long_update.h"
#include "core/residence/residence.h"
#include "core/residence/room_services.h"
#include "core/rooms/app_feed.h"
#include "core/sharing/counterparts.h"
#include "core/submissions/submission.h"

namespace freshet {

class Desk {
 public:
  using Work = std::unique_ptr<LongUpdate>;

  // All outlive it. `others`: null for a server on its own.
  Desk(RoomServices& services, Residence& residence, const Members& members, Audience& audience,
       Refusals& refusals, AppFeed& apps, Counterparts* others)
      : services_(services),
        residence_(residence),
        members_(members),
        audience_(audience),
        refusals_(refusals),
        apps_(apps),
        others_(others) {}
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Whether the member may write this much now; if not, it has been told.
  bool may_take(Member& from, Bytes update, uint64_t ticket);
  // What it has just been given, it has; false: this is something else.
  bool acknowledge_if_given(Member& from, const Submission::Update& update);

  // REQUIRES: may_take().
  Work update(Member& from, const Submission::Update& update);
  Work open(Member& from, const Submission::Open& open);
  Work diff(Member& from, const Submission::DiffQuery& query);
  void renew(Member& from, const Submission::Renewal& s);
  void follow(Member& from, const Submission::Follow& follow);
  // What came of work that is done, with the document back in memory.
  Work finish(LongUpdate& done);

  // ---- what a client began the room with ----
  // It is in the document and on its way to the store, and nobody is to see it before it is known
  // whether others were first. The room waits with everything until then.
  bool seeds() const { return seed_ != nullptr; }
  // It was the first: everybody hears of it.
  Work end_seed();
  // It was not, or the room ends. Whose it was: 0 if nobody's.
  MemberId drop_seed();

  // A list of operations, by no client of the room; empty: none. As one transaction, journaled and
  // passed on like anybody's.
  Status edit(const Author& by, std::string_view operations);

 private:
  // As far as it is not in the document.
  struct Seed {
    MemberId from;
    uint64_t client;
    std::string user, user_id;
    std::vector<uint8_t> bytes;
    freshet_applied applied;
    Share copied{nullptr};  // what its bytes take
  };

  bool too_long(Bytes update) const { return update.size() > services_.limits.turn_bytes; }
  Work for_worker(Member& from, LongUpdate work, Bytes bytes);
  void take(Member* from, const Author& author, Bytes update, uint64_t ticket,
            const freshet_applied& applied);
  void take_known(Member* from, Bytes update, uint64_t ticket, const freshet_applied& applied);
  void tell(Member* from, const Author& author, Bytes update, uint64_t ticket,
            const freshet_applied& applied);
  void say_early(const Author& author, Bytes update);
  Status seed(Member& from, const Submission::Open& open);
  void begin_seed(MemberId from, const Author& author, Bytes update,
                  const freshet_applied& applied);
  Work answer_open(Member& from, uint8_t document);
  Work answer_diff(Member& to, Bytes state_vector, uint8_t document);
  Work finish_update(const LongUpdate& done, Member* from);
  void finish_diff(LongUpdate& done, Member* to);
  uint32_t own_client();
  bool much_is_unsaved() const;

  RoomServices& services_;
  Residence& residence_;
  const Members& members_;
  Audience& audience_;
  Refusals& refusals_;
  AppFeed& apps_;
  Counterparts* const others_;
  std::unique_ptr<Seed> seed_;
  uint32_t own_client_ = 0;  // whose edits those of nobody are; 0: none yet
};

}  // namespace freshet
