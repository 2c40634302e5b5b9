#include "core/live/lookout.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/config/room_name.h"
#include "core/live/lookouts.h"
#include "core/live/message.h"
#include "core/live/rooms/room_walk.h"
#include "core/live/server/plugins_picture.h"
#include "core/memory/thread_time.h"
#include "core/version.h"
#include "freshet/abi/close.h"

namespace freshet {

Lookout::Lookout(Lookouts& all, Shard& rooms)
    : all_(all),
      loop_(rooms.loop()),
      seconds_(loop_, all.parts().metrics, all.parts().shards),
      watched_(rooms, *all.parts().services.crdt.table, all.parts().store,
               [this](const Viewer& viewer, const std::string& text) { tell(viewer, text); }) {}

// ---- time

// Somebody looks, perhaps on another loop.
void Lookout::arm() {
  if (std::exchange(armed_, true)) return;
  loop_.after(kLookMs, [](void* self) { static_cast<Lookout*>(self)->tick(); }, this);
}

void Lookout::tick() {
  const OnShard here(loop_.shard());
  armed_ = false;
  if (all_.any_looks() || !watched_.empty()) arm();  // first: what follows may want for memory
  const uint64_t now_ms = loop_.now_ms();
  measure(now_ms);
  std::vector<Looker*> late;
  for (const auto& [id, looker] : lookers_) {
    looker->has_no_key_yet(now_ms) ? late.push_back(looker.get()) : serve(*looker, now_ms);
  }
  for (Looker* looker : late) {
    looker->close(FRESHET_CLOSE_UNAUTHENTICATED, "no key was said");
  }
  tell_figures(now_ms);
  watched_.look();
  if (armed_) return;
  seconds_.forget();
  busy_.forget();
}

void Lookout::measure(uint64_t now_ms) {
  const auto permille = busy_.permille(now_ms, thread_time_us());
  if (permille) all_.set_busy(loop_.shard(), *permille);
}

void Lookout::serve(Looker& looker, uint64_t now_ms) {
  if (!looker.trusted()) return;
  tell_logs(looker, now_ms);
  make_good(looker, now_ms);
  if (looker.rooms.is_due(now_ms)) ask_rooms(looker, now_ms);
  if (looker.plugins && looker.plugins_turn.is_due(now_ms, kPluginsEveryMs)) {
    tell_plugins(looker, now_ms);
  }
}

// ---- the server

bool Lookout::any_looks_at_server() const {
  return std::ranges::any_of(lookers_, [](const auto& each) { return each.second->server; });
}

void Lookout::tell_figures(uint64_t now_ms) {
  if (!any_looks_at_server()) return seconds_.forget();
  std::optional<nlohmann::json> figures = seconds_.look(now_ms);
  if (!figures) return;
  nlohmann::json& busy = (*figures)["shard_busy"] = nlohmann::json::array();
  for (size_t i = 0; i < all_.count(); ++i) busy.push_back(all_.busy_permille(i) / 1000.0);
  const std::string text = message_text("server", *std::move(figures));
  for (const auto& [id, looker] : lookers_) {
    if (looker->server) looker->offer(text, now_ms);
  }
}

void Lookout::tell_logs(Looker& looker, uint64_t now_ms) {
  if (all_.parts().log == nullptr) return;
  const auto offer = [&](std::string_view text) { return looker.offer(text, now_ms); };
  looker.logs.look(*all_.parts().log, now_ms, offer);
}

void Lookout::tell_plugins(Looker& looker, uint64_t now_ms) {
  looker.plugins_turn.begin(now_ms);
  const Lookouts::Parts& parts = all_.parts();
  looker.offer(message_text("plugins", plugins_picture(parts.plugins, parts.metrics)), now_ms);
}

// ---- all rooms

void Lookout::ask_rooms(Looker& looker, uint64_t now_ms) {
  const RoomsQuery& query = looker.rooms.begin(now_ms);
  const RoomWalk::Done back = [this, id = looker.id()](Ranking found) {
    loop_.post(
        [this, id, found = std::move(found)]() mutable { take_rooms(id, std::move(found)); });
  };
  const Shards& shards = all_.parts().shards;
  for (size_t i = 0; i < all_.count(); ++i) {
    Shard* rooms = &shards.at(i).rooms;
    rooms->loop().post([rooms, query, back] { RoomWalk::begin(*rooms, query, back); });
  }
}

void Lookout::take_rooms(uint64_t id, Ranking found) {
  Looker* looker = find(id);
  if (looker == nullptr) return;
  std::optional<Ranking> all = looker->rooms.take_in(std::move(found), all_.count());
  if (!all) return;
  looker->offer(message_text("rooms", rooms_picture(*std::move(all))), loop_.now_ms());
}

// ---- one room

void Lookout::tell(const Viewer& viewer, const std::string& text) {
  Lookout* at = &all_.at(viewer.loop);
  if (at == this) return offer(viewer.looker, text);
  at->loop_.post([at, id = viewer.looker, text] { at->offer(id, text); });
}

void Lookout::offer(uint64_t id, std::string_view text) {
  Looker* looker = find(id);
  if (looker != nullptr && !looker->offer(text, loop_.now_ms())) looker->missed_room = true;
}

// A picture that was left out is told once more, when there is place for it.
void Lookout::make_good(Looker& looker, uint64_t now_ms) {
  if (!looker.room || !looker.missed_room || !looker.has_place(now_ms)) return;
  looker.missed_room = false;
  Lookout* home = &all_.of(*looker.room);
  home->loop_.post([home, room = *looker.room] { home->watched_.tell_again(room); });
}

void Lookout::change_room(Looker& looker, std::optional<std::string> room) {
  if (room && looker.room == room) return;
  const Viewer viewer{loop_.shard(), looker.id()};
  if (looker.room) {
    Lookout* home = &all_.of(*looker.room);
    home->loop_.post(
        [home, name = *looker.room, viewer] { home->watched_.look_away(name, viewer); });
  }
  looker.room = std::move(room);
  if (!looker.room) return;
  Lookout* home = &all_.of(*looker.room);
  home->loop_.post([home, name = *looker.room, viewer] {
    home->arm();
    home->watched_.look_at(name, viewer);
  });
}

// ---- lookers

Looker* Lookout::find(uint64_t id) const {
  const auto it = lookers_.find(id);
  return it == lookers_.end() ? nullptr : it->second.get();
}

Looker* Lookout::add(Link& link, std::string peer, bool trusted) {
  auto made = std::make_unique<Looker>(++last_id_, link, std::move(peer), trusted, loop_.now_ms());
  Looker& looker = *made;
  const auto place = lookers_.emplace(looker.id(), std::move(made)).first;
  if (!all_.enter(trusted)) {
    lookers_.erase(place);
    return nullptr;
  }
  arm();
  if (trusted) welcome(looker);
  return &looker;
}

void Lookout::remove(Looker& looker) {
  change_room(looker, std::nullopt);
  all_.leave(looker.trusted());
  lookers_.erase(looker.id());
}

void Lookout::welcome(const Looker& looker) {
  const Hour* hour = &all_.hour();
  hour->loop().post([this, hour, id = looker.id()] {
    loop_.post([this, id, rows = hour->rows()] { greet(id, rows); });
  });
}

void Lookout::greet(uint64_t id, const std::vector<FigureRow>& hour) {
  Looker* looker = find(id);
  if (looker == nullptr) return;
  looker->offer(message_text("hello", {{"version", kVersion},
                                       {"node", all_.parts().node},
                                       {"started_ms", all_.started_unix_ms()},
                                       {"now_ms", loop_.unix_ms()},
                                       {"shards", all_.count()},
                                       {"history", hour_picture(hour)}}),
                loop_.now_ms());
}

Status Lookout::hear(Looker& looker, Bytes message) {
  const std::string_view text = as_text(message);
  std::string why;
  const auto request = read_look_request(text, why);
  if (!looker.trusted()) return take_key(looker, request ? request->key : "");
  if (!request) {
    looker.offer(error_message(why, text.substr(0, kMaxSearchBytes)), loop_.now_ms());
  } else if (request->what != LookRequest::What::key) {
    watch(looker, *request);
  }
  return Status::ok;
}

Status Lookout::take_key(Looker& looker, const std::string& key) {
  switch (all_.parts().key.judge(key, looker.peer(), loop_.now_ms())) {
    case AdminKey::Verdict::right: break;
    case AdminKey::Verdict::wrong:
      looker.close(FRESHET_CLOSE_UNAUTHENTICATED, "wrong key");
      return Status::ok;
    // Whether this one is right is not said.
    case AdminKey::Verdict::too_often:
      looker.close(FRESHET_CLOSE_RATE, "too many wrong keys from this address");
      return Status::ok;
  }
  if (!all_.enter(true)) {
    looker.close(FRESHET_CLOSE_OVERLOADED, "too many look already");
    return Status::ok;
  }
  all_.leave(false);
  looker.trust();
  welcome(looker);
  return Status::ok;
}

void Lookout::watch(Looker& looker, LookRequest request) {
  switch (request.what) {
    case LookRequest::What::server:
      looker.server = request.watch;
      for (size_t i = 0; i < all_.count(); ++i) {
        Lookout* each = &all_.at(i);
        each->loop_.post([each] { each->arm(); });
      }
      return;
    case LookRequest::What::rooms:
      looker.rooms.follow(request.watch ? std::optional(std::move(request.rooms)) : std::nullopt);
      return serve(looker, loop_.now_ms());
    case LookRequest::What::room:
      if (!request.watch) return change_room(looker, std::nullopt);
      if (!room_name_fault(request.room, all_.parts().limits.room_name_bytes).empty()) {
        looker.offer(error_message("that is no room's name", request.room), loop_.now_ms());
        return;
      }
      return change_room(looker, std::move(request.room));
    case LookRequest::What::logs:
      looker.logs.show(request.watch ? std::optional(request.level) : std::nullopt);
      return serve(looker, loop_.now_ms());
    case LookRequest::What::plugins:
      looker.plugins = request.watch;
      looker.plugins_turn.ask();
      return serve(looker, loop_.now_ms());
    case LookRequest::What::key: return;
  }
}

}  // namespace freshet
