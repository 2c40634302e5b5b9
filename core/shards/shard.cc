#include "core/shards/shard.h"

#include <algorithm>

#include "core/shards/least_used.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

constexpr uint32_t kShardTickMs = 1'000;
// Of a tick: how long letting go of documents may take, but for the last of them.
constexpr uint64_t kLetGoNs = 20'000'000;
constexpr size_t kPostedShare = 8;  // of what a room may have waiting: what a shard may

// Of clients, whether the room is in memory or not.
bool may_join(NamedRates& joins, RoomServices& services, const std::string& room) {
  if (joins.take(room, services.loop.now_ms())) return true;
  services.metrics.joins_limited.add();
  services.crowded.note(
      room, "room_joins_per_second, " + std::to_string(services.limits.room_joins_per_second),
      services.now_ms);
  return false;
}

freshet_writer writer_of(const Journal::Run& run, const Loop& loop) {
  freshet_writer writer{};
  std::ranges::copy(run, writer.run);
  writer.shard = loop.shard();
  return writer;
}

Apps::Rooms rooms_for_apps(Shard& shard) {
  return {.live_state =
              [&shard](const std::string& name, std::vector<uint8_t>& out) {
                Room* room = shard.find_room(name);
                return room != nullptr && room->apps().encode(room->residence(), out);
              },
          .prepare =
              [&shard](ProcedureCall& called) {
                Room* room = shard.find_room(called.room);
                return room != nullptr && room->prepare_call(called);
              },
          .ended =
              [&shard](const ProcedureCall& called, Status status, const ReplyItems& items) {
                if (Room* room = shard.find_room(called.room))
                  room->guarded([&] { room->end_call(called, status, items); });
              },
          .judged =
              [&shard](const Intent& about, Verdict verdict, std::string_view reason) {
                if (Room* room = shard.find_room(about.room))
                  room->guarded([&] { room->end_question(about, verdict, reason); });
              }};
}

std::vector<std::string> names_of_rooms(Shard& shard) {
  std::vector<std::string> names;
  shard.each_room([&](Room& room) { names.push_back(room.name()); });
  return names;
}

LogEnds::Rooms rooms_for_ends(Shard& shard) {
  return {.names = [&shard] { return names_of_rooms(shard); },
          .hear =
              [&shard](const std::string& name, const LogEnd& end) {
                Room* room = shard.find_room(name);
                if (room != nullptr) room->guarded([&] { room->sharing()->note_end(end); });
              },
          .unanswered =
              [&shard] { shard.each_room([](Room& room) { room.sharing()->doubt_last_rows(); }); }};
}

ShardEars::Rooms rooms_for_ears(Shard& shard, RoomServices& services) {
  return {
      .hear =
          [&shard](std::string_view name, Bytes message) {
            Room* room = shard.find_room(name);
            if (room != nullptr) room->guarded([&] { room->sharing()->hear(message); });
          },
      .missed =
          [&shard] {
            shard.log_ends().hurry();
            shard.each_room([](Room& room) { room.sharing()->ask(); });
          },
      .ended =
          [&shard](const freshet_node& node) {
            shard.each_room(
                [&](Room& room) { room.guarded([&] { room.sharing()->forget(node); }); });
          },
      .living =
          [&shard](const std::vector<freshet_node>& nodes) {
            shard.each_room(
                [&](Room& room) { room.guarded([&] { room.sharing()->keep(nodes); }); });
          },
      .anew =
          [&shard, &services](const freshet_node& self) {
            const freshet_node was = bus::node_of(services.self);
            std::ranges::copy(self.run, services.self.run);
            services.journal.go_on_as(self);
            services.openings.begin_anew(self, names_of_rooms(shard));
            shard.each_room([](Room& room) { room.guarded([&] { room.sharing()->show_anew(); }); });
            return was;
          }};
}

// To a room at other nodes, whether it is open here or not.
void say_to_others(RoomServices& services, const std::string& room, const bus::Part& part) {
  if (!services.bus.there()) return;
  std::vector<uint8_t> parts;
  bus::write(parts, part);
  services.bus.publish(room, bus::message_of({services.self, 0, 0}, parts));
}

}  // namespace

Shard::Shard(const Shards& shards, Loop loop, const Parts& parts)
    : shards_(shards),
      journal_(parts.run, loop, parts.crdt, parts.store, parts.limits, parts.log, parts.metrics),
      apps_(parts.apps, parts.procedures,
            {loop, parts.crdt, parts.store, parts.replies, parts.limits, parts.log,
             parts.app_metrics, parts.limits.app_bytes / shards.count()},
            rooms_for_apps(*this)),
      openings_({loop, parts.store, bus::node_of(writer_of(parts.run, loop)), parts.bus.there(),
                 apps_.hear(FRESHET_ROOM_DELETED), parts.rooms_ended}),
      services_{loop,
                writer_of(parts.run, loop),
                parts.crdt,
                parts.store,
                parts.bus,
                openings_,
                journal_,
                apps_,
                parts.workers,
                parts.compactors,
                parts.limits,
                parts.log,
                parts.room_metrics,
                parts.budget,
                parts.ceiling,
                parts.limits.unsaved_bytes / shards.count(),
                RareLine(parts.log, "room", "refused for its size: "),
                RareLine(parts.log, "room", "two copies of the document write as one client: "),
                RareLine(parts.log, "room", "gets more than "),
                Shortages(parts.log),
                ShardPace(),
                loop.now_ms()},
      replies_(parts.replies),
      joins_(parts.limits.room_joins_per_second, kMaxJoinedRooms),
      metrics_(parts.shard_metrics),
      ceiling_(parts.ceiling),
      strain_(loop, services_.pace, parts.pulses[loop.shard()], parts.shard_metrics, parts.log),
      excess_(parts.budget, parts.ceiling, shards.count()),
      log_ends_(loop, parts.store, parts.bus.there(), rooms_for_ends(*this)),
      ears_(loop, rooms_for_ears(*this, services_)) {}

Shard::~Shard() = default;

void Shard::start_ticking() {
  loop().post([](void* self) { static_cast<Shard*>(self)->tick(); }, this);
  strain_.start();
}

void Shard::tick() {
  const OnShard here(loop().shard());
  services_.now_ms = loop().now_ms();
  replies_.check_deadlines(loop().shard());
  for (const auto& entry : rooms_) {
    Room& room = *entry.second;
    room.guarded([&] { room.tick(services_.now_ms); });
  }
  apps_.tick(services_.now_ms);
  openings_.tick();
  log_ends_.ask();
  advance_changes();
  for (auto it = rooms_.begin(); it != rooms_.end();) {
    it = it->second->spent(services_.now_ms) ? forget(it) : std::next(it);
  }
  let_go_of_idle();
  loop().after(kShardTickMs, [](void* self) { static_cast<Shard*>(self)->tick(); }, this);
}

// ---- rooms

void Shard::join(Shard& caller, std::string name, std::unique_ptr<Member> member) {
  if (&caller == this) return enter(name, std::move(member));
  loop().post([this, name = std::move(name), member = std::move(member)]() mutable {
    enter(name, std::move(member));
  });
}

FarPost& Shard::post_to(Home& home) {
  assert_on(loop().shard());
  std::unique_ptr<FarPost>& post = far_posts_[&home];
  if (post == nullptr) post = std::make_unique<FarPost>(loop(), home);
  return *post;
}

void Shard::enter(const std::string& name, std::unique_ptr<Member> member) {
  assert_on(loop().shard());
  if (!may_join(joins_, services_, name)) {
    return member->close(FRESHET_CLOSE_RATE, "too many joins of this room in a short time");
  }
  const std::string_view refusal = refusal_of_join(find_room(name));
  if (!refusal.empty()) {
    return member->close(FRESHET_CLOSE_OVERLOADED, refusal, Ends::connection);
  }
  Room* room = open_room(name);
  if (room == nullptr) return member->close(FRESHET_CLOSE_OVERLOADED, refusal_of_room(name));
  empty_rooms_.remove(*room);
  seats_.emplace(member->spec.id, room);
  room->guarded([&] { room->join(std::move(member)); });
}

// Of a newcomer to this room, which may not be there; empty: none.
std::string_view Shard::refusal_of_join(const Room* room) {
  if (strain_.refuses_joins()) {
    metrics_.refused_strain.add();
    return "the server is overloaded, try again";
  }
  const bool loads = room == nullptr || room->state() == Room::State::asleep;
  if (!ceiling_.refuses_joins() && !(loads && ceiling_.refuses_loads())) return {};
  metrics_.refused_memory.add();
  return "the server has no memory for more now, try again";
}

// Why there is none of this name for anybody to be in.
std::string_view Shard::refusal_of_room(const std::string& name) {
  const bool full = find_room(name) == nullptr && !changing_.contains(name) && !draining_;
  if (!full) return "the room is not open now";
  metrics_.refused_rooms.add();
  return "too many rooms are open";
}

// The room, loaded or about to be; null if there may be none now.
Room* Shard::open_room(const std::string& name) {
  Room* room = find_room(name);
  const bool closing = room != nullptr && room->state() == Room::State::closing;
  if (closing || changing_.contains(name) || draining_) return nullptr;
  if (room != nullptr) return room;
  if (!has_space_for_a_room()) return nullptr;
  room = rooms_.emplace(name, std::make_unique<Room>(services_, name)).first->second.get();
  empty_rooms_.add(*room);
  return room;
}

Status Shard::act(std::string room, RoomCommand act) {
  const size_t size = act.size_bytes();
  if (posted_bytes_.fetch_add(size) + size > limits().loading_bytes * kPostedShare) {
    posted_bytes_.fetch_sub(size);
    return Status::limit;
  }
  loop().post([this, size, room = std::move(room), act = std::move(act)]() mutable {
    posted_bytes_.fetch_sub(size);
    act_here(room, std::move(act));
  });
  return Status::ok;
}

void Shard::act_here(const std::string& name, RoomCommand act) {
  if (act.kind == RoomCommand::Kind::state) return tell_state(name, act.done);
  if (act.kind == RoomCommand::Kind::evict) say_to_others(services_, name, bus::Evict{act.session});
  if (act.kind == RoomCommand::Kind::broadcast)
    say_to_others(services_, name, bus::Event{act.event, act.json});
  Room* room = act.needs_document() ? open_room(name) : find_room(name);
  if (room != nullptr) {
    if (room->inside().members.empty()) empty_rooms_.add(*room);
    room->guarded([&] { room->act(std::move(act)); });
  } else if (act.needs_document()) {
    act.done(Status::retry, {});
  }
}

// A room leaves memory, or falls asleep, when all of it is saved: what is not here is in the store.
void Shard::tell_state(const std::string& name, const RoomCommand::Done& done) {
  std::vector<uint8_t> state;
  Room* room = find_room(name);
  if (room != nullptr && room->apps().encode(room->residence(), state))
    return done(Status::ok, std::move(state));
  services_.store.load(loop().shard(), name, [this, done](Status status, ReplyItems items) {
    if (status != Status::ok) return done(status, {});
    const Status queued = services_.workers.run(
        [loop = loop(), &crdt = services_.crdt, done, items = std::move(items)] {
          Result<std::vector<uint8_t>> merged = merge_history(crdt, items);
          loop.post([done, merged = std::move(merged)]() mutable {
            merged ? done(Status::ok, *std::move(merged)) : done(merged.status(), {});
          });
        });
    if (queued != Status::ok) done(Status::retry, {});
  });
}

// Makes some, if need be, by letting go of the least used room that nobody is in.
bool Shard::has_space_for_a_room() {
  const size_t limit = (limits().rooms + shards_.count() - 1) / shards_.count();
  if (rooms_.size() < limit) return true;
  const Room* idle = empty_rooms_.least_used();
  if (idle == nullptr) return false;
  forget(rooms_.find(idle->name()));
  return true;
}

// The least used first, until there is enough again.
void Shard::let_go_of_idle() {
  const size_t wanted = excess_.bytes(services_.now_ms);
  if (wanted == 0) return;
  const uint64_t until_ns = loop().now_ns() + kLetGoNs;
  LeastUsed idle;
  for (const auto& entry : rooms_) idle.add(*entry.second);
  idle.order();
  size_t bytes = 0;
  while (bytes < wanted && loop().now_ns() < until_ns) {
    Room* room = idle.take();
    if (room == nullptr) break;
    bytes += let_go_of(*room);
  }
  excess_.note_let_go(bytes, services_.now_ms);
}

// The bytes that it frees.
size_t Shard::let_go_of(Room& room) {
  const size_t bytes = room.residence().stats().memory_bytes;
  if (room.quiet()) {
    forget(rooms_.find(room.name()));
  } else {
    room.guarded([&] { room.sleep_if_unused(LeastUsed::kIdleMs); });
    if (room.residence().document() != nullptr) return 0;
  }
  metrics_.let_go.add();
  return bytes;
}

Room* Shard::find_room(std::string_view name) {
  assert_on(loop().shard());
  const auto it = rooms_.find(std::string(name));
  return it == rooms_.end() ? nullptr : it->second.get();
}

template <class F>
void Shard::in_room_of(MemberId id, F f) {
  if (Room* room = room_of(id)) room->guarded([&] { f(*room); });
}

Room* Shard::room_of(MemberId id) {
  assert_on(loop().shard());
  const auto it = seats_.find(id);
  return it == seats_.end() ? nullptr : it->second;
}

void Shard::leave(Shard& caller, MemberId id) {
  if (&caller != this) return loop().post([this, id] { leave(*this, id); });
  const auto seat = seats_.find(id);
  if (seat == seats_.end()) return;
  Room* const room = seat->second;
  seats_.erase(seat);
  room->guarded([&] { room->leave(id); });
  if (room->inside().members.empty()) empty_rooms_.add(*room);
}

void Shard::drained(Shard& caller, MemberId id, size_t credit_bytes) {
  if (&caller != this) {
    return loop().post([this, id, credit_bytes] { drained(*this, id, credit_bytes); });
  }
  in_room_of(id, [&](Room& room) { room.drained(id, credit_bytes); });
}

Status Shard::submit(Shard& caller, const Submission& submission) {
  if (&caller != this) return submit_from_elsewhere(submission);
  in_room_of(submission.from, [&](Room& room) { room.submit(submission, Room::Came::now); });
  return Status::ok;
}

// Bounded for all who post here together: past it, who posts is told to come back later.
Status Shard::submit_from_elsewhere(const Submission& submission) {
  const size_t size = submission.size_bytes();
  if (posted_bytes_.fetch_add(size) + size > limits().loading_bytes * kPostedShare) {
    posted_bytes_.fetch_sub(size);
    return Status::limit;
  }
  loop().post([this, size, kept = KeptSubmission(submission)] {
    posted_bytes_.fetch_sub(size);
    in_room_of(kept.get().from, [&](Room& room) { room.submit(kept.get(), Room::Came::now); });
  });
  return Status::ok;
}

void Shard::note_oversized(std::string_view room, std::string_view what) {
  services_.oversized.note(room, what, services_.now_ms);
}

// While the server stops no room has ended, and apps are done with what there is to pass on.
Shard::Rooms::iterator Shard::forget(Rooms::iterator room) {
  AppFeed& apps = room->second->apps();
  if (draining_) {
    apps.tell_changes();
  } else {
    apps.tell_deleted(room->second->residence());
  }
  empty_rooms_.remove(*room->second);
  return rooms_.erase(room);
}

// ---- another history

Status Shard::change_history(const std::string& room, uint16_t code, ChangeHistory change) {
  assert_on(loop().shard());
  if (changing_.contains(room)) return Status::conflict;
  if (journal_.failing()) return Status::retry;
  changing_.emplace(room, Change{std::move(change)});
  if (Room* loaded = find_room(room)) loaded->close(code, "the room's history was replaced");
  advance_changes();
  return Status::ok;
}

void Shard::advance_changes() {
  std::vector<std::pair<std::string, Status>> ready;
  for (auto& [name, change] : changing_) {
    if (change.running) continue;
    Status status = Status::ok;
    if (const auto room = rooms_.find(name); room != rooms_.end()) {
      room->second->close(FRESHET_CLOSE_REPLACED, "the room's history was replaced");
      if (room->second->quiet()) {
        forget(room);
      } else if (journal_.failing()) {
        status = Status::retry;
      } else {
        continue;
      }
    }
    change.running = true;
    ready.emplace_back(name, status);
  }
  for (const auto& [name, status] : ready) {
    const ChangeHistory next = std::move(changing_[name].next);
    next(status, [this, name] {
      changing_.erase(name);
      say_to_others(services_, name, bus::Replaced{});
    });
  }
}

// ---- the end

bool Shard::idle() const {
  const bool sent =
      std::ranges::all_of(far_posts_, [](const auto& e) { return e.second->empty(); });
  return journal_.idle() && apps_.idle() && !busy() && sent && services_.early_bytes == 0;
}

}  // namespace freshet
