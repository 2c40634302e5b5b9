// An outbox in memory, with the tables that plugins of one server or of two call. Answers at once,
// on the caller's thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "fake_clock.h"
#include "freshet/abi/outbox.h"
#include "freshet/sink.h"

namespace freshet::webhook {

class FakeOutbox {
 public:
  struct Entry {
    std::string key;
    uint64_t unix_ms = 0;
    std::string body;
    std::string reason;
    bool dead = false;
  };

  const freshet_outbox* table(size_t server = 0) const { return &seats_[server].c; }

  // As the server, once it runs and whenever an operator has been at it.
  void tell(size_t server = 0) const { seats_[server].changed(seats_[server].arg); }

  // Servers share it: one of them delivers at a time, by this clock.
  void share(const FakeClock& clock) { clock_ = &clock; }
  // A server without the call.
  void forget_courier() { seats_[0].c.courier = nullptr; }
  // One server does not reach it, until it is set back to ok.
  void fail_server(size_t server, Status status) {
    const std::lock_guard lock(mutex_);
    seats_[server].failing = status;
  }
  // How often it was asked for entries, and who delivers.
  int lists() const {
    const std::lock_guard lock(mutex_);
    return lists_;
  }
  int claims() const {
    const std::lock_guard lock(mutex_);
    return claims_;
  }

  // Every call is answered so, until it is set back to ok.
  void fail_with(Status status) {
    const std::lock_guard lock(mutex_);
    failing_ = status;
  }
  uint64_t put(const std::string& key, const std::string& body, uint64_t unix_ms) {
    const std::lock_guard lock(mutex_);
    entries_[++last_id_] = {key, unix_ms, body, "", false};
    return last_id_;
  }
  void revive_all() {
    const std::lock_guard lock(mutex_);
    for (auto& [id, entry] : entries_) entry.dead = false;
  }
  // How often it answered as fail_with() says.
  int failures() const {
    const std::lock_guard lock(mutex_);
    return failures_;
  }
  // How often an entry of this room was read.
  int reads_of(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto it = reads_.find(key);
    return it == reads_.end() ? 0 : it->second;
  }
  std::vector<Entry> entries(bool dead) const {
    const std::lock_guard lock(mutex_);
    std::vector<Entry> out;
    for (const auto& [id, entry] : entries_) {
      if (entry.dead == dead) out.push_back(entry);
    }
    return out;
  }

 private:
  // One server's, by which it is known.
  struct Seat {
    explicit Seat(FakeOutbox& o) : outbox(o), c(table_for(this)) {}
    FakeOutbox& outbox;
    Status failing = Status::ok;
    void (*changed)(void*) = nullptr;
    void* arg = nullptr;
    freshet_outbox c;
  };

  static FakeOutbox& of(void* ctx) { return static_cast<Seat*>(ctx)->outbox; }

  static void put_entry(Reply out, uint64_t id, const Entry& entry, bool whole) {
    static_cast<void>(out.write(FRESHET_STORE_ENTRY, id, as_bytes(entry.key)));
    static_cast<void>(out.write(FRESHET_STORE_TIME, entry.unix_ms));
    static_cast<void>(
        out.write(FRESHET_STORE_BODY, entry.body.size(), as_bytes(whole ? entry.body : "")));
  }

  // Runs `f` on the entries unless all fails now, and answers.
  template <class F>
  static void answer(void* ctx, freshet_reply reply, F f) {
    Status status = Status::ok;
    {
      const std::lock_guard lock(of(ctx).mutex_);
      status = of(ctx).failing_;
      if (status != Status::ok) ++of(ctx).failures_;
      if (status == Status::ok) status = static_cast<Seat*>(ctx)->failing;
      if (status == Status::ok) status = f(Reply(reply));
    }
    reply.to->done(reply.to->ctx, reply.token, freshet_status(status));
  }

  mutable std::mutex mutex_;
  Status failing_ = Status::ok;
  int failures_ = 0;
  std::map<std::string, int> reads_;
  uint64_t last_id_ = 0;
  std::map<uint64_t, Entry> entries_;
  int lists_ = 0, claims_ = 0;
  const FakeClock* clock_ = nullptr;  // null: it is one server's own
  Seat* courier_ = nullptr;
  uint64_t courier_until_ms_ = 0;
  Seat seats_[2]{Seat(*this), Seat(*this)};

  Status claim(Seat* seat, uint32_t ms, Reply out) {
    ++claims_;
    if (clock_ == nullptr) return Status::ok;
    const uint64_t now = clock_->now_ms();
    if (courier_ != seat && courier_until_ms_ > now) return Status::conflict;
    courier_ = seat;
    courier_until_ms_ = now + ms;
    return out.write(FRESHET_STORE_NODE, "a node");
  }

  Status count(Reply out) const {
    uint64_t dead = 0;
    for (const auto& [id, entry] : entries_) dead += entry.dead ? 1 : 0;
    static_cast<void>(out.write(FRESHET_STORE_TOPIC, "app-webhook"));
    static_cast<void>(out.write(FRESHET_STORE_LIVE, entries_.size() - dead));
    return out.write(FRESHET_STORE_DEAD, dead);
  }

  static freshet_outbox table_for(Seat* seat) {
    return {
        .size = sizeof(freshet_outbox),
        .ctx = seat,
        .watch =
            [](void* ctx, freshet_str, void (*changed)(void*), void* arg) {
              static_cast<Seat*>(ctx)->changed = changed;
              static_cast<Seat*>(ctx)->arg = arg;
            },
        .add =
            [](void* ctx, freshet_str, const freshet_outgoing* entries, size_t count,
               freshet_reply reply) {
              answer(ctx, reply, [&](Reply out) {
                for (size_t i = 0; i < count; ++i) {
                  Entry& entry = of(ctx).entries_[++of(ctx).last_id_];
                  entry = {std::string(view(entries[i].key)), entries[i].unix_ms,
                           std::string(as_text(view(entries[i].body))), "", false};
                  static_cast<void>(out.write(FRESHET_STORE_ENTRY, of(ctx).last_id_));
                }
                return Status::ok;
              });
            },
        .list =
            [](void* ctx, freshet_str, int dead, uint64_t after, uint32_t limit,
               freshet_reply reply) {
              answer(ctx, reply, [&](Reply out) {
                ++of(ctx).lists_;
                auto& all = of(ctx).entries_;
                for (auto it = all.upper_bound(after); it != all.end() && limit > 0; ++it) {
                  if (it->second.dead != (dead != 0)) continue;
                  put_entry(out, it->first, it->second, false);
                  --limit;
                }
                return Status::ok;
              });
            },
        .read =
            [](void* ctx, freshet_str, uint64_t id, freshet_reply reply) {
              answer(ctx, reply, [&](Reply out) {
                const auto it = of(ctx).entries_.find(id);
                if (it == of(ctx).entries_.end()) return Status::not_found;
                ++of(ctx).reads_[it->second.key];
                put_entry(out, id, it->second, true);
                return Status::ok;
              });
            },
        .remove =
            [](void* ctx, freshet_str, const uint64_t* ids, size_t count, freshet_reply reply) {
              answer(ctx, reply, [&](Reply) {
                for (size_t i = 0; i < count; ++i) of(ctx).entries_.erase(ids[i]);
                return Status::ok;
              });
            },
        .bury =
            [](void* ctx, freshet_str, uint64_t id, freshet_str reason, freshet_reply reply) {
              answer(ctx, reply, [&](Reply) {
                const auto it = of(ctx).entries_.find(id);
                if (it == of(ctx).entries_.end() || it->second.dead) return Status::not_found;
                it->second.dead = true;
                it->second.reason = view(reason);
                return Status::ok;
              });
            },
        .topics =
            [](void* ctx, freshet_reply reply) {
              answer(ctx, reply, [&](Reply out) { return of(ctx).count(out); });
            },
        .courier =
            [](void* ctx, freshet_str, uint32_t ms, freshet_reply reply) {
              answer(ctx, reply,
                     [&](Reply out) { return of(ctx).claim(static_cast<Seat*>(ctx), ms, out); });
            },
    };
  }
};

}  // namespace freshet::webhook
