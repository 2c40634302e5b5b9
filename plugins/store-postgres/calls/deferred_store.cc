#include "store-postgres/calls/deferred_store.h"

#include <span>

#include "store-postgres/limits.h"

namespace freshet::postgres {

namespace {

using Call = Dispatcher::Call;
using Kind = Call::Kind;
using Place = Call::Place;
using Keys = std::vector<std::string>;

std::string of_room(freshet_str room) { return "r" + std::string(view(room)); }
std::string of_topic(freshet_str topic) { return "t" + std::string(view(topic)); }
std::string of_node(const freshet_node& node) {
  return "n" + std::string(as_text(Bytes(node.run)));
}
std::string of_claim(freshet_str name) { return "c" + std::string(view(name)); }
const std::string kOfNotices = "notices";

Keys of_rooms(std::span<const freshet_str> rooms) {
  Keys keys;
  for (const freshet_str& room : rooms) keys.push_back(of_room(room));
  return keys;
}

Keys with(Keys keys, std::string key) {
  keys.push_back(std::move(key));
  return keys;
}

Keys of_batch(const freshet_batch& batch) {
  // The same batch once more waits for the first, wherever that stands.
  Keys keys{"w" + std::string(as_text(Bytes(batch.writer.run))) +
            std::to_string(batch.writer.shard)};
  for (const freshet_append& entry : entries_of(batch)) keys.push_back(of_room(entry.room));
  return keys;
}

Keys none() { return {}; }

using Table = const freshet_store&;

}  // namespace

DeferredStore::DeferredStore(Dispatcher& dispatcher, Host host)
    : dispatcher_(dispatcher), host_(host) {
  table_.size = sizeof(table_);
  table_.self = this;
  fill_rooms();
  fill_outbox();
  fill_kept();
  fill_cluster();
  fill_nodes();
}

template <class MakeKeys, class Work>
void DeferredStore::defer(void* self, Kind kind, freshet_reply reply, MakeKeys keys, Work work,
                          Place place) {
  auto& store = *static_cast<DeferredStore*>(self);
  const auto give_up = [reply] { reply.to->done(reply.to->ctx, reply.token, FRESHET_RETRY); };
  const freshet_status status = detail::guard(store.host_, [&] {
    store.dispatcher_.submit({.kind = kind,
                              .place = place,
                              .keys = keys(),
                              .work = [work](Session&, Table t) { work(t); },
                              .give_up = give_up});
    return Status::ok;
  });
  if (status != FRESHET_OK) give_up();
}

// What is no longer needed is deleted now and then, by any worker, and nobody waits for it.
void DeferredStore::sweep_if_due() {
  const int64_t now_ms = steady_ms();
  int64_t next_ms = next_sweep_ms_;
  if (now_ms < next_ms || !next_sweep_ms_.compare_exchange_strong(next_ms, now_ms + kSweepEveryMs))
    return;
  dispatcher_.submit({.kind = Kind::writes,
                      .place = Place::in_line,
                      .keys = {"sweep"},
                      .work = [](Session& s, Table) { static_cast<void>(s.sweep()); },
                      .give_up = [] {}});
}

// ---- rooms

void DeferredStore::fill_rooms() {
  table_.load = [](void* self, freshet_str room, freshet_reply reply) {
    defer(
        self, Kind::reads, reply, [&] { return Keys{of_room(room)}; },
        [=](Table t) { t.load(t.self, room, reply); });
  };
  table_.append = [](void* self, const freshet_batch* batch, freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return of_batch(*batch); },
        [=](Table t) { t.append(t.self, batch, reply); });
  };
  table_.replace = [](void* self, freshet_str room, freshet_epoch epoch, uint64_t through_seq,
                      freshet_bytes snapshot, freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return Keys{of_room(room)}; },
        [=](Table t) { t.replace(t.self, room, epoch, through_seq, snapshot, reply); });
  };
  table_.put = [](void* self, freshet_str room, freshet_epoch epoch, freshet_bytes snapshot,
                  freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return Keys{of_room(room)}; },
        [=](Table t) { t.put(t.self, room, epoch, snapshot, reply); });
  };
  table_.erase = [](void* self, freshet_str room, freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return Keys{of_room(room)}; },
        [=](Table t) { t.erase(t.self, room, reply); });
  };
  table_.list = [](void* self, freshet_str after, uint32_t limit, freshet_reply reply) {
    defer(self, Kind::reads, reply, none, [=](Table t) { t.list(t.self, after, limit, reply); });
  };
  table_.info = [](void* self, freshet_str room, freshet_reply reply) {
    defer(
        self, Kind::reads, reply, [&] { return Keys{of_room(room)}; },
        [=](Table t) { t.info(t.self, room, reply); });
  };
  table_.check = [](void* self, freshet_reply reply) {
    defer(self, Kind::reads, reply, none, [=](Table t) { t.check(t.self, reply); });
    auto& store = *static_cast<DeferredStore*>(self);
    detail::guard(store.host_, [&] {
      store.sweep_if_due();
      return Status::ok;
    });
  };
}

// ---- the outbox

void DeferredStore::fill_outbox() {
  table_.outbox_add = [](void* self, freshet_str topic, const freshet_outgoing* entries,
                         size_t count, freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return Keys{of_topic(topic)}; },
        [=](Table t) { t.outbox_add(t.self, topic, entries, count, reply); });
  };
  table_.outbox_list = [](void* self, freshet_str topic, int dead, uint64_t after, uint32_t limit,
                          freshet_reply reply) {
    defer(
        self, Kind::reads, reply, [&] { return Keys{of_topic(topic)}; },
        [=](Table t) { t.outbox_list(t.self, topic, dead, after, limit, reply); });
  };
  table_.outbox_read = [](void* self, freshet_str topic, uint64_t id, freshet_reply reply) {
    defer(
        self, Kind::reads, reply, [&] { return Keys{of_topic(topic)}; },
        [=](Table t) { t.outbox_read(t.self, topic, id, reply); });
  };
  table_.outbox_remove = [](void* self, freshet_str topic, const uint64_t* ids, size_t count,
                            freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return Keys{of_topic(topic)}; },
        [=](Table t) { t.outbox_remove(t.self, topic, ids, count, reply); });
  };
  table_.outbox_bury = [](void* self, freshet_str topic, uint64_t id, freshet_str reason,
                          freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return Keys{of_topic(topic)}; },
        [=](Table t) { t.outbox_bury(t.self, topic, id, reason, reply); });
  };
  table_.outbox_revive = [](void* self, freshet_str topic, uint64_t id, freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return Keys{of_topic(topic)}; },
        [=](Table t) { t.outbox_revive(t.self, topic, id, reply); });
  };
  table_.outbox_drop = [](void* self, freshet_str topic, uint64_t id, freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return Keys{of_topic(topic)}; },
        [=](Table t) { t.outbox_drop(t.self, topic, id, reply); });
  };
  table_.outbox_topics = [](void* self, freshet_reply reply) {
    defer(self, Kind::reads, reply, none, [=](Table t) { t.outbox_topics(t.self, reply); });
  };
}

// ---- what apps keep beside rooms

void DeferredStore::fill_kept() {
  table_.kept_read = [](void* self, freshet_str room, freshet_str name, freshet_reply reply) {
    defer(
        self, Kind::reads, reply, [&] { return Keys{of_room(room)}; },
        [=](Table t) { t.kept_read(t.self, room, name, reply); });
  };
  table_.kept_write = [](void* self, freshet_str room, freshet_str name, uint64_t version,
                         freshet_bytes value, freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return Keys{of_room(room)}; },
        [=](Table t) { t.kept_write(t.self, room, name, version, value, reply); });
  };
  table_.kept_list = [](void* self, freshet_str room, freshet_str after, uint32_t limit,
                        freshet_reply reply) {
    defer(self, Kind::reads, reply, none,
          [=](Table t) { t.kept_list(t.self, room, after, limit, reply); });
  };
}

// ---- what many nodes share

void DeferredStore::fill_cluster() {
  table_.tail = [](void* self, freshet_str room, freshet_epoch epoch, uint64_t after_seq,
                   uint64_t most_bytes, freshet_reply reply) {
    defer(
        self, Kind::reads, reply, [&] { return Keys{of_room(room)}; },
        [=](Table t) { t.tail(t.self, room, epoch, after_seq, most_bytes, reply); });
  };
  table_.heads = [](void* self, const freshet_str* rooms, size_t count, freshet_reply reply) {
    defer(
        self, Kind::reads, reply, [&] { return of_rooms({rooms, count}); },
        [=](Table t) { t.heads(t.self, rooms, count, reply); }, Place::aside);
  };
  table_.notices = [](void* self, uint64_t after, uint32_t limit, freshet_reply reply) {
    defer(
        self, Kind::reads, reply, [] { return Keys{kOfNotices}; },
        [=](Table t) { t.notices(t.self, after, limit, reply); });
  };
  table_.notice_remove = [](void* self, uint64_t id, freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [] { return Keys{kOfNotices}; },
        [=](Table t) { t.notice_remove(t.self, id, reply); });
  };
  table_.claim = [](void* self, freshet_str name, freshet_node node, uint32_t ms,
                    freshet_reply reply) {
    defer(
        self, Kind::reads, reply, [&] { return Keys{of_claim(name), of_node(node)}; },
        [=](Table t) { t.claim(t.self, name, node, ms, reply); });
  };
  table_.fold = [](void* self, const freshet_fold* fold, freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return Keys{of_room(fold->room)}; },
        [=](Table t) { t.fold(t.self, fold, reply); });
  };
  table_.new_history = [](void* self, freshet_str after, uint32_t limit, freshet_reply reply) {
    defer(self, Kind::writes, reply, none,
          [=](Table t) { t.new_history(t.self, after, limit, reply); });
  };
}

// A beat and a claim write, but wait for no room: they go where what is prompt goes.
void DeferredStore::fill_nodes() {
  table_.node_beat = [](void* self, freshet_node node, freshet_bytes about, freshet_reply reply) {
    defer(
        self, Kind::reads, reply, [&] { return Keys{of_node(node)}; },
        [=](Table t) { t.node_beat(t.self, node, about, reply); });
  };
  table_.node_end = [](void* self, freshet_node node, int tell, freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return Keys{of_node(node)}; },
        [=](Table t) { t.node_end(t.self, node, tell, reply); });
  };
  table_.rooms_open = [](void* self, freshet_node node, const freshet_str* rooms, size_t count,
                         freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return with(of_rooms({rooms, count}), of_node(node)); },
        [=](Table t) { t.rooms_open(t.self, node, rooms, count, reply); });
  };
  table_.rooms_close = [](void* self, freshet_node node, const freshet_str* rooms, size_t count,
                          int tell, freshet_reply reply) {
    defer(
        self, Kind::writes, reply, [&] { return with(of_rooms({rooms, count}), of_node(node)); },
        [=](Table t) { t.rooms_close(t.self, node, rooms, count, tell, reply); });
  };
  table_.room_nodes = [](void* self, freshet_str room, freshet_reply reply) {
    defer(
        self, Kind::reads, reply, [&] { return Keys{of_room(room)}; },
        [=](Table t) { t.room_nodes(t.self, room, reply); });
  };
}

}  // namespace freshet::postgres
