#include "core/rooms/app_feed.h"

#include <utility>

namespace freshet {

void AppFeed::tell_joined(const Member& who) {
  told_of_somebody_ = true;
  tell(FRESHET_USER_CONNECTED, who);
}

void AppFeed::tell_left(const Member& who) { tell(FRESHET_USER_DISCONNECTED, who); }

void AppFeed::tell(uint32_t kind, const Member& who) {
  if (!services_.apps.hear(kind)) return;
  services_.apps.tell({.kind = kind,
                       .room = room_,
                       .unix_ms = services_.loop.unix_ms(),
                       .session = who.spec.client,
                       .user = who.spec.user});
}

void AppFeed::tell_message(uint32_t message, const freshet_source& who, std::string_view name,
                           Bytes data) {
  if (!services_.apps.hear(FRESHET_ROOM_MESSAGE)) return;
  services_.apps.tell({.kind = FRESHET_ROOM_MESSAGE,
                       .room = room_,
                       .unix_ms = services_.loop.unix_ms(),
                       .session = who.client,
                       .user = std::string(view(who.user)),
                       .message = message,
                       .name = std::string(name),
                       .data = {data.begin(), data.end()}});
}

void AppFeed::tell_presence(const std::vector<PresenceNews>& news, const Member& who) {
  for (const PresenceNews& each : news) {
    if (each.renewed || each.from != who.spec.id) continue;
    tell_message(FRESHET_MESSAGE_PRESENCE, source_of(who.spec), "", as_bytes(view(each.json)));
  }
}

void AppFeed::note_change(const freshet_source& by) {
  untold_ = {.changed = true, .session = by.client, .user = std::string(view(by.user))};
}

bool AppFeed::tell_changes() {
  if (!untold_.changed) return false;
  const Untold untold = std::exchange(untold_, {});
  told_changes_ms_ = services_.now_ms;
  if (!services_.apps.hear(FRESHET_STORAGE_UPDATED)) return false;
  services_.apps.tell({.kind = FRESHET_STORAGE_UPDATED,
                       .room = room_,
                       .unix_ms = services_.loop.unix_ms(),
                       .session = untold.session,
                       .user = untold.user});
  return true;
}

void AppFeed::make_up() {
  if (std::exchange(asked_early_, false)) untold_.changed = true;
}

bool AppFeed::encode(const Residence& residence, std::vector<uint8_t>& out) {
  if (residence.away()) asked_early_ = true;  // the store may not have all of it yet
  const Document* document = residence.document();
  if (document == nullptr || residence.first_row().on_its_way) return false;
  if (encoded_version_ != residence.version()) {
    encoded_.clear();
    if (document->diff(FRESHET_UPDATE_V1, {}, encoded_) != Status::ok) return false;
    encoded_version_ = residence.version();
  }
  out = encoded_;
  return true;
}

void AppFeed::tick(uint64_t now_ms) {
  release_memory(encoded_);
  encoded_version_ = UINT64_MAX;
  if (now_ms - told_changes_ms_ >= services_.limits.app_storage_ms) tell_changes();
}

void AppFeed::tell_deleted(const Residence& residence) {
  tell_changes();
  // In a cluster it may be open elsewhere: then it has not ended.
  if (services_.openings.there()) return services_.openings.close(room_);
  if (!told_of_somebody_ || !services_.apps.hear(FRESHET_ROOM_DELETED)) return;
  Notice notice{.kind = FRESHET_ROOM_DELETED, .room = room_, .unix_ms = services_.loop.unix_ms()};
  // One that is asleep has it in the store.
  if (services_.apps.want_state(FRESHET_ROOM_DELETED))
    static_cast<void>(encode(residence, notice.state));
  services_.apps.tell(notice);
}

}  // namespace freshet
