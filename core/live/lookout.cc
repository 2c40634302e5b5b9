#include "core/live/lookout.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/config/room_name.h"
#include "core/live/lookouts.h"
#include "core/live/plugins_picture.h"
#include "core/memory/thread_time.h"
#include "core/version.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const RoomRow& row) {
  return {{"room", row.name},
          {"state", name_of(row.state)},
          {"people", row.people},
          {"shown", row.shown},
          {"bytes", row.bytes},
          {"unsaved_bytes", row.unsaved_bytes},
          {"unsaved_ms", row.unsaved_ms},
          {"lagging", row.lagging},
          {"idle_ms", row.idle_ms}};
}

RoomRow row_of(Room& room, uint64_t now_ms) {
  const Saved::Unsaved unsaved = room.residence().saved().unsaved();
  const auto lagging = std::ranges::count_if(room.inside().members.all(),
                                             [](const Member* member) { return member->lagging; });
  return {.name = room.name(),
          .state = room.state(),
          .people = room.inside().members.size(),
          .shown = room.inside().presence.size(),
          .bytes = room.residence().stats().memory_bytes,
          .unsaved_bytes = unsaved.bytes,
          .unsaved_ms = unsaved.updates == 0 ? 0 : now_ms - std::min(now_ms, unsaved.since_ms),
          .lagging = static_cast<uint64_t>(lagging),
          .idle_ms = now_ms - std::min(now_ms, room.residence().touched_ms())};
}

std::string error_text(std::string_view why, std::string_view got) {
  return text_of({{"error", {{"message", why}, {"got", got}}}});
}

}  // namespace

// ---- time

void Lookout::start() {
  loop().post([](void* self) { static_cast<Lookout*>(self)->note_history(); }, this);
}

void Lookout::note_history() {
  const OnShard here(loop().shard());
  loop().after(
      kHistoryEveryMs, [](void* self) { static_cast<Lookout*>(self)->note_history(); }, this);
  const Lookouts::Parts& parts = all_.parts();
  const Figures now = Figures::of_now(loop(), parts.metrics, parts.shards);
  if (history_before_) history_.add(FigureRow(*history_before_, now));
  history_before_ = now;
}

void Lookout::arm() {
  if (std::exchange(armed_, true)) return;
  loop().after(kLookMs, [](void* self) { static_cast<Lookout*>(self)->tick(); }, this);
}

void Lookout::tick() {
  const OnShard here(loop().shard());
  armed_ = false;
  if (all_.any_looks() || !watched_.empty()) arm();  // first: what follows may want for memory
  const uint64_t now_ms = loop().now_ms();
  measure(now_ms);
  std::vector<Looker*> late;
  for (const auto& [id, looker] : lookers_) {
    looker->has_no_key_yet(now_ms) ? late.push_back(looker.get()) : serve(*looker, now_ms);
  }
  for (Looker* looker : late) {
    looker->close(FRESHET_CLOSE_UNAUTHENTICATED, "no key was said");
  }
  send_figures(now_ms);
  for (auto& [name, watched] : watched_) look_once(name, watched);
  if (armed_) return;
  before_.reset();
  busy_since_ms_ = 0;
}

void Lookout::measure(uint64_t now_ms) {
  if (busy_since_ms_ != 0 && now_ms - busy_since_ms_ < kServerEveryMs) return;
  const uint64_t us = thread_time_us();
  if (busy_since_ms_ != 0) {
    all_.set_busy(loop().shard(),
                  static_cast<uint32_t>((us - busy_us_) / (now_ms - busy_since_ms_)));
  }
  busy_since_ms_ = now_ms;
  busy_us_ = us;
}

void Lookout::serve(Looker& looker, uint64_t now_ms) {
  if (!looker.trusted()) return;
  if (looker.logs) send_logs(looker, now_ms);
  make_good(looker, now_ms);
  if (looker.rooms && !looker.rooms_asked && looker.rooms_turn.is_due(now_ms, kRoomsEveryMs)) {
    ask_rooms(looker, now_ms);
  }
  if (looker.plugins && looker.plugins_turn.is_due(now_ms, kPluginsEveryMs)) {
    looker.plugins_turn.begin(now_ms);
    const Lookouts::Parts& parts = all_.parts();
    looker.offer(text_of({{"plugins", plugins_picture(parts.plugins, parts.metrics)}}), now_ms);
  }
}

// ---- the server

bool Lookout::any_looks_at_server() const {
  return std::ranges::any_of(lookers_, [](const auto& each) { return each.second->server; });
}

void Lookout::send_figures(uint64_t now_ms) {
  if (!any_looks_at_server()) return before_.reset();
  if (before_ && now_ms < figures_due_ms_) return;
  figures_due_ms_ = now_ms + kServerEveryMs;
  const Lookouts::Parts& parts = all_.parts();
  const Figures now = Figures::of_now(loop(), parts.metrics, parts.shards);
  const std::optional<Figures> before = std::exchange(before_, now);
  if (!before) return;
  const FigureRow row(*before, now);
  Json out = Json::object();
  for (size_t i = 0; i < row.values.size(); ++i) {
    out[std::string(FigureRow::kFields[i])] = row.values[i];
  }
  out["connections"] = now.connections;
  out["lagging"] = now.lagging;
  out["held"] = now.held;
  Json& busy = out["shard_busy"] = Json::array();
  for (size_t i = 0; i < all_.count(); ++i) busy.push_back(all_.busy_permille(i) / 1000.0);
  const std::string text = text_of({{"server", std::move(out)}});
  for (const auto& [id, looker] : lookers_) {
    if (looker->server) looker->offer(text, now_ms);
  }
}

void Lookout::greet(uint64_t id, const std::vector<FigureRow>& history) {
  Looker* looker = find(id);
  if (looker == nullptr) return;
  Json rows = Json::array();
  for (const FigureRow& row : history) rows.push_back(row.values);
  looker->offer(text_of({{"hello",
                          {{"version", kVersion},
                           {"node", all_.parts().node},
                           {"started_ms", all_.started_unix_ms()},
                           {"now_ms", loop().unix_ms()},
                           {"shards", all_.count()},
                           {"history",
                            {{"every_ms", kHistoryEveryMs},
                             {"fields", FigureRow::kFields},
                             {"rows", std::move(rows)}}}}}}),
                loop().now_ms());
}

// ---- logs

void Lookout::send_logs(Looker& looker, uint64_t now_ms) {
  if (all_.parts().log == nullptr) return;
  const auto lines = all_.parts().log->since(looker.log_number);
  if (lines.empty() && looker.logs_skipped == 0) return;
  Json out = Json::array();
  for (const LogTail::Line& line : lines) {
    if (looker.log_number != 0) looker.logs_skipped += line.number - looker.log_number - 1;
    looker.log_number = line.number;
    if (line.level < *looker.logs) continue;
    if (!looker.log_lines.take(now_ms)) {
      ++looker.logs_skipped;
      continue;
    }
    out.push_back({{"at_ms", line.unix_ms},
                   {"level", level_name(line.level)},
                   {"subject", line.who},
                   {"message", line.message}});
  }
  if (!out.empty() && !looker.offer(text_of({{"logs", out}}), now_ms)) {
    looker.logs_skipped += out.size();
  }
  const bool may_say = looker.logs_skipped > 0 && looker.log_lines.take(now_ms);
  if (may_say && looker.offer(text_of({{"logs_skipped", looker.logs_skipped}}), now_ms)) {
    looker.logs_skipped = 0;
  }
}

// ---- all rooms

void Lookout::ask_rooms(Looker& looker, uint64_t now_ms) {
  looker.rooms_asked = true;
  looker.rooms_turn.begin(now_ms);
  looker.found.emplace(*looker.rooms);
  looker.found_from = 0;
  for (size_t i = 0; i < all_.count(); ++i) {
    Lookout* other = &all_.at(i);
    const Ranked back = [this, id = looker.id()](Ranking found) {
      loop().post(
          [this, id, found = std::move(found)]() mutable { show_rooms(id, std::move(found)); });
    };
    other->loop().post([other, query = *looker.rooms, back] { other->rank(query, back); });
  }
}

void Lookout::rank(RoomsQuery query, Ranked done) {
  walk(std::make_unique<Walk>(Walk{Ranking(std::move(query)), std::move(done)}));
}

void Lookout::walk(std::unique_ptr<Walk> walk) {
  const uint64_t now_ms = loop().now_ms();
  Ranking& found = walk->found;
  const auto look = [&](Room& room) {
    found.matches(room.name()) ? found.note(row_of(room, now_ms)) : found.note_other();
  };
  walk->at = rooms_.each_room(look, walk->at, kRoomsATurn);
  if (walk->at == 0) return walk->done(std::move(found));
  loop().post([this, rest = std::move(walk)]() mutable { this->walk(std::move(rest)); });
}

void Lookout::show_rooms(uint64_t id, Ranking found) {
  Looker* looker = find(id);
  if (looker == nullptr || !looker->found) return;
  looker->found->take_in(std::move(found));
  if (++looker->found_from < all_.count()) return;
  looker->rooms_asked = false;
  Ranking all = *std::exchange(looker->found, std::nullopt);
  // It has asked for others meanwhile.
  if (!looker->rooms || looker->rooms_changed) {
    looker->rooms_changed = false;
    return looker->rooms_turn.ask();
  }
  Json out = {{"open", all.open()},
              {"matched", all.matched()},
              {"sort", sort_name(all.query().sort)},
              {"rows", Json::array()}};
  for (const RoomRow& row : std::move(all).in_order()) out["rows"].push_back(json_of(row));
  looker->offer(text_of({{"rooms", std::move(out)}}), loop().now_ms());
}

// ---- one room

// Without memory for a picture there is none this time: nobody else is to notice.
void Lookout::look_once(const std::string& room, Watched& watched) {
  static_cast<void>(if_memory([&] {
    watched.scope->look(rooms_.find_room(room));
    return Status::ok;
  }));
}

void Lookout::look_at(const std::string& room, Viewer viewer) {
  Watched& watched = watched_[room];
  if (watched.scope == nullptr) {
    watched.scope =
        std::make_unique<RoomScope>(loop(), *all_.parts().services.crdt.table, room,
                                    [this, room](const std::string& text) { tell(room, text); });
    read_authors(room);
  }
  watched.viewers.push_back(viewer);
  watched.scope->tell_again();
  arm();
  look_once(room, watched);
}

void Lookout::look_away(const std::string& room, Viewer viewer) {
  const auto it = watched_.find(room);
  if (it == watched_.end()) return;
  std::erase_if(it->second.viewers,
                [&](const Viewer& each) { return each.at == viewer.at && each.id == viewer.id; });
  if (!it->second.viewers.empty()) return;
  RoomScope::let_go(rooms_.find_room(room));
  watched_.erase(it);
}

// Of a small one: it is read for them, once.
void Lookout::read_authors(const std::string& room) {
  const Room* loaded = rooms_.find_room(room);
  if (loaded == nullptr || loaded->residence().document() == nullptr) return;
  const History& history = loaded->residence().history();
  if (history.snapshot_bytes + history.log_bytes > kReadForAuthorsBytes) return;
  watched_.at(room).scope->note_authors_asked();
  all_.parts().store.load(loop().shard(), room,
                          [this, room](Status status, const ReplyItems& items) {
                            const auto it = watched_.find(room);
                            if (status == Status::ok && it != watched_.end())
                              it->second.scope->note_stored_authors(items);
                          });
}

void Lookout::tell(const std::string& room, const std::string& text) {
  for (const Viewer& each : watched_.at(room).viewers) {
    if (each.at == this) {
      offer(each.id, text);
    } else {
      each.at->loop().post([each, text] { each.at->offer(each.id, text); });
    }
  }
}

void Lookout::offer(uint64_t id, std::string_view text) {
  Looker* looker = find(id);
  if (looker != nullptr && !looker->offer(text, loop().now_ms())) looker->missed_room = true;
}

// A picture that was left out is told once more, when there is place for it.
void Lookout::make_good(Looker& looker, uint64_t now_ms) {
  if (!looker.room || !looker.missed_room || !looker.has_place(now_ms)) return;
  looker.missed_room = false;
  Lookout* home = &all_.of(*looker.room);
  home->loop().post([home, room = *looker.room] {
    const auto it = home->watched_.find(room);
    if (it != home->watched_.end()) it->second.scope->tell_again();
  });
}

void Lookout::change_room(Looker& looker, std::optional<std::string> room) {
  if (room && looker.room == room) return;
  const Viewer viewer{this, looker.id()};
  if (looker.room) {
    Lookout* home = &all_.of(*looker.room);
    home->loop().post([home, name = *looker.room, viewer] { home->look_away(name, viewer); });
  }
  looker.room = std::move(room);
  if (!looker.room) return;
  Lookout* home = &all_.of(*looker.room);
  home->loop().post([home, name = *looker.room, viewer] { home->look_at(name, viewer); });
}

// ---- lookers

Looker* Lookout::find(uint64_t id) const {
  const auto it = lookers_.find(id);
  return it == lookers_.end() ? nullptr : it->second.get();
}

Looker* Lookout::add(Link& link, std::string peer, bool trusted) {
  auto made = std::make_unique<Looker>(++last_id_, link, std::move(peer), trusted, loop().now_ms());
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
  Lookout* first = &all_.at(0);
  first->loop().post([this, first, id = looker.id()] {
    loop().post([this, id, rows = first->history().rows()] { greet(id, rows); });
  });
}

Status Lookout::hear(Looker& looker, Bytes message) {
  const std::string_view text = as_text(message);
  std::string why;
  const auto request = read_look_request(text, why);
  if (!looker.trusted()) return take_key(looker, request ? request->key : "");
  if (!request) {
    looker.offer(error_text(why, text.substr(0, kMaxSearchBytes)), loop().now_ms());
  } else if (request->what != LookRequest::What::key) {
    watch(looker, *request);
  }
  return Status::ok;
}

Status Lookout::take_key(Looker& looker, const std::string& key) {
  switch (all_.parts().key.judge(key, looker.peer(), loop().now_ms())) {
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
        each->loop().post([each] { each->arm(); });
      }
      return;
    case LookRequest::What::rooms:
      looker.rooms_changed = looker.rooms_asked;
      looker.rooms_turn.ask();
      looker.rooms.reset();
      if (request.watch) looker.rooms = std::move(request.rooms);
      return serve(looker, loop().now_ms());
    case LookRequest::What::room:
      if (!request.watch) return change_room(looker, std::nullopt);
      if (!room_name_fault(request.room, all_.parts().limits.room_name_bytes).empty()) {
        looker.offer(error_text("that is no room's name", request.room), loop().now_ms());
        return;
      }
      return change_room(looker, std::move(request.room));
    case LookRequest::What::logs:
      looker.log_number = 0;
      looker.logs.reset();
      if (request.watch) looker.logs = request.level;
      return serve(looker, loop().now_ms());
    case LookRequest::What::plugins:
      looker.plugins = request.watch;
      looker.plugins_turn.ask();
      return serve(looker, loop().now_ms());
    case LookRequest::What::key: return;
  }
}

}  // namespace freshet
