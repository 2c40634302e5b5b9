// What apps are told of a room.
#include "core/rooms/room.h"

namespace freshet {

void Room::tell(uint32_t kind, const Member& who) {
  if (!services_.listeners.hear(kind)) return;
  services_.listeners.tell({.kind = kind,
                            .room = name_,
                            .unix_ms = services_.loop.unix_ms(),
                            .session = who.spec.client,
                            .user = who.spec.user});
}

void Room::tell_message(uint32_t message, const freshet_source& who, std::string_view name,
                        Bytes data) {
  if (!services_.listeners.hear(FRESHET_ROOM_MESSAGE)) return;
  services_.listeners.tell({.kind = FRESHET_ROOM_MESSAGE,
                            .room = name_,
                            .unix_ms = services_.loop.unix_ms(),
                            .session = who.client,
                            .user = std::string(view(who.user)),
                            .message = message,
                            .name = std::string(name),
                            .data = {data.begin(), data.end()}});
}

// One for each entry of the session's own.
void Room::tell_presence(const std::vector<PresenceNews>& news, const Member& who) {
  for (const PresenceNews& each : news) {
    if (each.renewed || each.from != who.spec.id) continue;
    tell_message(FRESHET_MESSAGE_PRESENCE, source_of(who.spec), "", as_bytes(view(each.json)));
  }
}

void Room::note_change(const freshet_source& by) {
  untold_ = {.changed = true, .session = by.client, .user = std::string(view(by.user))};
}

void Room::tell_changes() {
  if (!untold_.changed) return;
  const Untold untold = std::exchange(untold_, {});
  told_changes_ms_ = services_.now_ms;
  if (!services_.listeners.hear(FRESHET_STORAGE_UPDATED)) return;
  services_.listeners.tell({.kind = FRESHET_STORAGE_UPDATED,
                            .room = name_,
                            .unix_ms = services_.loop.unix_ms(),
                            .session = untold.session,
                            .user = untold.user});
}

// Written once for all who ask before the document changes, or the next tick.
bool Room::encode(std::vector<uint8_t>& out) {
  // The store may not have all of it yet: whoever was told of a change is told once more.
  if (away_) asked_while_away_ = true;
  if (!document_) return false;
  if (encoded_version_ != version_) {
    encoded_.clear();
    if (document_->diff(FRESHET_UPDATE_V1, {}, encoded_) != Status::ok) return false;
    encoded_version_ = version_;
  }
  out = encoded_;
  return true;
}

void Room::forget_encoded() {
  encoded_ = {};
  encoded_version_ = UINT64_MAX;
}

void Room::say_deleted() {
  tell_changes();
  if (!told_of_somebody_ || !services_.listeners.hear(FRESHET_ROOM_DELETED)) return;
  Notice notice{.kind = FRESHET_ROOM_DELETED, .room = name_, .unix_ms = services_.loop.unix_ms()};
  // One that is asleep has it in the store.
  if (services_.listeners.want_state(FRESHET_ROOM_DELETED)) static_cast<void>(encode(notice.state));
  services_.listeners.tell(notice);
}

}  // namespace freshet
