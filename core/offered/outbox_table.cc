#include "core/offered/outbox_table.h"

#include <span>

#include "core/offered/owned.h"

namespace freshet {
namespace {

// An entry to add, owned.
struct Outgoing {
  std::string key;
  uint64_t unix_ms;
  std::vector<uint8_t> body;
};

freshet_str borrowed(const std::string& text) { return to_c(std::string_view(text)); }

// The call that adds, with all that it lends a store, which may answer later.
struct AddEntries {
  AddEntries(std::string of, std::span<const freshet_outgoing> entries) : topic(std::move(of)) {
    for (const freshet_outgoing& entry : entries) {
      const Bytes body = view(entry.body);
      owned_entries.push_back({owned(entry.key), entry.unix_ms, {body.begin(), body.end()}});
    }
  }

  void operator()(const freshet_store& store, freshet_reply reply) const {
    for (const Outgoing& o : owned_entries) {
      lent.push_back({borrowed(o.key), o.unix_ms, to_c(Bytes(o.body))});
    }
    store.outbox_add(store.self, borrowed(topic), lent.data(), lent.size(), reply);
  }

  const std::string topic;
  std::vector<Outgoing> owned_entries;
  mutable std::vector<freshet_outgoing> lent;  // views of them
};

}  // namespace

OutboxTable::OutboxTable()
    : c_{
          .size = sizeof(freshet_outbox),
          .ctx = this,
          .watch = [](void* ctx, freshet_str topic, void (*changed)(void*),
                      void* arg) { of(ctx).watchers_.push_back({owned(topic), changed, arg}); },
          .add =
              [](void* ctx, freshet_str topic, const freshet_outgoing* entries, size_t count,
                 freshet_reply reply) {
                of(ctx).calls_.call(AddEntries(owned(topic), std::span(entries, count)), reply);
              },
          .list =
              [](void* ctx, freshet_str topic, int dead, uint64_t after, uint32_t limit,
                 freshet_reply reply) {
                of(ctx).calls_.call(
                    [topic = owned(topic), dead, after, limit](const freshet_store& store,
                                                               freshet_reply to) {
                      store.outbox_list(store.self, borrowed(topic), dead, after, limit, to);
                    },
                    reply);
              },
          .read =
              [](void* ctx, freshet_str topic, uint64_t id, freshet_reply reply) {
                of(ctx).calls_.call(
                    [topic = owned(topic), id](const freshet_store& store, freshet_reply to) {
                      store.outbox_read(store.self, borrowed(topic), id, to);
                    },
                    reply);
              },
          .remove =
              [](void* ctx, freshet_str topic, const uint64_t* ids, size_t count,
                 freshet_reply reply) {
                of(ctx).calls_.call(
                    [topic = owned(topic), ids = std::vector<uint64_t>(ids, ids + count)](
                        const freshet_store& store, freshet_reply to) {
                      store.outbox_remove(store.self, borrowed(topic), ids.data(), ids.size(), to);
                    },
                    reply);
              },
          .bury =
              [](void* ctx, freshet_str topic, uint64_t id, freshet_str reason,
                 freshet_reply reply) {
                of(ctx).calls_.call(
                    [topic = owned(topic), id, reason = owned(reason)](const freshet_store& store,
                                                                       freshet_reply to) {
                      store.outbox_bury(store.self, borrowed(topic), id, borrowed(reason), to);
                    },
                    reply);
              },
          .topics =
              [](void* ctx, freshet_reply reply) {
                of(ctx).calls_.call([](const freshet_store& store,
                                       freshet_reply to) { store.outbox_topics(store.self, to); },
                                    reply);
              },
          .courier = [](void* ctx, freshet_str topic, uint32_t ms,
                        freshet_reply reply) { of(ctx).claim(owned(topic), ms, reply); },
      } {}

void OutboxTable::open(StoreQueue& store, const Loop& loop, const freshet_node& node) {
  {
    const std::lock_guard lock(mutex_);
    node_ = node;
  }
  calls_.open(store, loop.shard());
  // Nothing is owned by what is posted: a server that cannot listen never runs it.
  loop.post(
      [](void* self) {
        for (const Watcher& watcher : static_cast<OutboxTable*>(self)->watchers_) {
          watcher.changed(watcher.arg);
        }
      },
      this);
}

void OutboxTable::tell(std::string_view topic) const {
  for (const Watcher& watcher : watchers_) {
    if (watcher.topic == topic) watcher.changed(watcher.arg);
  }
}

// Whoever holds the claim of a topic has been told who it is; if the store refuses, that does not
// count. A store of this server's own has no claims.
void OutboxTable::claim(std::string topic, uint32_t ms, freshet_reply reply) {
  freshet_node node;
  {
    const std::lock_guard lock(mutex_);
    node = node_;
  }
  calls_.call(
      [name = "outbox " + std::move(topic), node, ms](const freshet_store& store,
                                                      freshet_reply to) {
        if (!is_shared(store)) return StoreCalls::answer(to, Status::ok);
        const freshet_item as{FRESHET_STORE_NODE, 0, to_c(Bytes(node.run))};
        const Status written{to.to->write(to.to->ctx, to.token, &as)};
        if (written != Status::ok) return StoreCalls::answer(to, written);
        store.claim(store.self, borrowed(name), node, ms, to);
      },
      reply);
}

}  // namespace freshet
