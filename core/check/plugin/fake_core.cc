#include "core/check/plugin/fake_core.h"

#include <algorithm>

#include "freshet/abi/crdt.h"
#include "freshet/sink.h"

namespace freshet::check {
namespace {

// A document without content, in Yjs' v1 format.
constexpr uint8_t kEmptyState[] = {0, 0};

void done(freshet_reply reply, freshet_status status) {
  reply.to->done(reply.to->ctx, reply.token, status);
}

}  // namespace

void FakeCore::fail(freshet_status status) {
  const std::lock_guard lock(mutex_);
  failing_ = status;
  storage_.fail(status);
}

void FakeCore::answer(void* ctx, freshet_reply reply) { done(reply, self(ctx).failing_); }

void FakeCore::add(void* ctx, freshet_str topic, const freshet_outgoing* entries, size_t count,
                   freshet_reply reply) {
  FakeCore& core = self(ctx);
  if (core.failing_ != FRESHET_OK) return done(reply, core.failing_);
  {
    const std::lock_guard lock(core.mutex_);
    auto& kept = core.topics_[std::string(view(topic))];
    for (size_t i = 0; i < count; ++i) {
      kept.push_back({++core.last_id_, std::string(view(entries[i].key)),
                      std::string(as_text(view(entries[i].body))), entries[i].unix_ms});
      static_cast<void>(
          Reply(reply).write(FRESHET_STORE_ENTRY, kept.back().id, as_bytes(kept.back().key)));
    }
  }
  done(reply, FRESHET_OK);
}

void FakeCore::list(void* ctx, freshet_str topic, int dead, uint64_t after, uint32_t limit,
                    freshet_reply reply) {
  FakeCore& core = self(ctx);
  if (core.failing_ != FRESHET_OK) return done(reply, core.failing_);
  {
    const std::lock_guard lock(core.mutex_);
    for (const Entry& entry : core.topics_[std::string(view(topic))]) {
      if (entry.id <= after || entry.dead != (dead != 0) || limit == 0) continue;
      --limit;
      const Reply out(reply);
      static_cast<void>(out.write(FRESHET_STORE_ENTRY, entry.id, as_bytes(entry.key)));
      static_cast<void>(out.write(FRESHET_STORE_TIME, entry.unix_ms));
      static_cast<void>(out.write(FRESHET_STORE_BODY, entry.body.size()));
    }
  }
  done(reply, FRESHET_OK);
}

void FakeCore::read(void* ctx, freshet_str topic, uint64_t id, freshet_reply reply) {
  FakeCore& core = self(ctx);
  bool found = false;
  {
    const std::lock_guard lock(core.mutex_);
    for (const Entry& entry : core.topics_[std::string(view(topic))]) {
      if (entry.id != id) continue;
      const Reply out(reply);
      static_cast<void>(out.write(FRESHET_STORE_ENTRY, entry.id, as_bytes(entry.key)));
      static_cast<void>(out.write(FRESHET_STORE_TIME, entry.unix_ms));
      static_cast<void>(out.write(FRESHET_STORE_BODY, as_bytes(entry.body)));
      found = true;
    }
  }
  done(reply, found ? core.failing_ : freshet_status{FRESHET_NOT_FOUND});
}

void FakeCore::remove(void* ctx, freshet_str topic, const uint64_t* ids, size_t count,
                      freshet_reply reply) {
  FakeCore& core = self(ctx);
  {
    const std::lock_guard lock(core.mutex_);
    std::erase_if(core.topics_[std::string(view(topic))], [&](const Entry& entry) {
      return std::find(ids, ids + count, entry.id) != ids + count;
    });
  }
  done(reply, core.failing_);
}

void FakeCore::bury(void* ctx, freshet_str topic, uint64_t id, freshet_str reason,
                    freshet_reply reply) {
  FakeCore& core = self(ctx);
  {
    const std::lock_guard lock(core.mutex_);
    for (Entry& entry : core.topics_[std::string(view(topic))]) {
      if (entry.id != id) continue;
      entry.dead = true;
      entry.reason = view(reason);
    }
  }
  done(reply, core.failing_);
}

void FakeCore::state(void* ctx, freshet_str, freshet_reply reply) {
  static_cast<void>(Reply(reply).write(FRESHET_SERVER_STATE, Bytes(kEmptyState)));
  done(reply, self(ctx).failing_);
}

}  // namespace freshet::check
