// core/rooms/commands.h: what is done in a room by no client of it.
//
// An edit is answered when it is saved. Lives on the room's shard, owned by the room.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>

#include "core/audience/audience.h"
#include "core/audience/members.h"
#include "core/residence/residence.h"
#include "core/rooms/app_feed.h"
#include "core/rooms/desk.h"
#include "core/submissions/room_command.h"

namespace freshet {

class Commands {
 public:
  // All outlive it.
  Commands(Residence& residence, Audience& audience, AppFeed& apps, Desk& desk)
      : residence_(residence), audience_(audience), apps_(apps), desk_(desk) {}
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;

  // With as many as wait for the room to be loaded, there may be no more.
  bool full(size_t waiting) const;
  // REQUIRES, if it needs the document: that is in memory; it may be broken then
  // (Residence::broken).
  void run(const RoomCommand& command);

  bool any_unsaved() const { return !unsaved_.empty(); }
  // Answers those whose edits are saved.
  void end_saved();
  // Answers all; their edits never will be.
  void end_all(Status why);

 private:
  void evict(const RoomCommand& command);
  void run_on_document(const RoomCommand& command);
  void end_first(Status status);

  Residence& residence_;
  Audience& audience_;
  AppFeed& apps_;
  Desk& desk_;
  std::deque<std::pair<uint64_t, RoomCommand::Done>> unsaved_;  // by position, ascending
};

}  // namespace freshet
