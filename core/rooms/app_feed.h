// core/rooms/app_feed.h: what apps are told of one room.
//
// Who comes and goes and what clients say is told at once; edits are told together, once in
// Limits::app_storage_ms and when the room goes. Lives on the room's shard, owned by the room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/audience/member.h"
#include "core/presence/presence.h"
#include "core/residence/residence.h"
#include "core/residence/room_services.h"

namespace freshet {

class AppFeed {
 public:
  // Both outlive it.
  AppFeed(RoomServices& services, const std::string& room) : services_(services), room_(room) {}
  AppFeed(const AppFeed&) = delete;
  AppFeed& operator=(const AppFeed&) = delete;

  void tell_joined(const Member& who);
  void tell_left(const Member& who);
  void tell_message(uint32_t message, const freshet_source& who, std::string_view name, Bytes data);
  // One for each entry of the session's own.
  void tell_presence(const std::vector<PresenceNews>& news, const Member& who);

  void note_change(const freshet_source& by);
  // The document is back: whoever was given less is told of a change once more.
  void make_up();
  bool tell_changes();  // there were some
  // The room leaves memory. Nothing is said of one that nobody was ever in.
  void tell_deleted(const Residence& residence);

  // The document as one update, written once for all who ask before it changes, or the next tick.
  // False: it is not in memory.
  bool encode(const Residence& residence, std::vector<uint8_t>& out);
  void tick(uint64_t now_ms);

 private:
  // The edits apps have not been told of yet.
  struct Untold {
    bool changed = false;
    uint64_t session = 0;  // who changed it last
    std::string user = {};
  };

  void tell(uint32_t kind, const Member& who);

  RoomServices& services_;
  const std::string& room_;
  Untold untold_;
  uint64_t told_changes_ms_ = 0;
  std::vector<uint8_t> encoded_;           // the document at encoded_version_
  uint64_t encoded_version_ = UINT64_MAX;  // none
  bool told_of_somebody_ = false;
  bool asked_early_ = false;  // while a worker had the document
};

}  // namespace freshet
