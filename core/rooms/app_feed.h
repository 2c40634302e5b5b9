// core/rooms/app_feed.h: what apps are told of one room.
//
// Who comes and goes and what clients say is told at once; edits are told together, once in
// Limits::app_storage_ms and when the room goes. Lives on the room's shard, owned by the room.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/audience/member.h"
#include "core/presence/presence.h"
#include "core/residence/room_services.h"
#include "core/store/document.h"

namespace freshet {

class AppFeed {
 public:
  // Writes the document; false: it is not in memory.
  using WriteState = std::function<bool(std::vector<uint8_t>& out)>;

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
  // A worker has the document and an app asks for it: what it is given may lack the last edits.
  void note_asked_early() { asked_early_ = true; }
  // The document is back: whoever was given less is told of a change once more.
  void make_up();
  void tell_changes();
  // The room leaves memory. Nothing is said of one that nobody was ever in.
  void tell_deleted(const WriteState& write);

  // The document as one update, written once for all who ask before `version` changes, or the next
  // tick.
  bool encode(const Document& document, uint64_t version, std::vector<uint8_t>& out);
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
  bool asked_early_ = false;
};

}  // namespace freshet
