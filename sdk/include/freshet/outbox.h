// freshet/outbox.h: the outbox of abi/outbox.h, as a plugin in C++ uses it.
//
//   const auto* table = host.service<freshet_outbox>(FRESHET_OUTBOX_ID);  // in create()
//   Outbox outbox(table, "my-plugin");
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "freshet/abi/outbox.h"
#include "freshet/offered/later.h"

namespace freshet {

// One topic. Every function but watch() may be called from any thread.
class Outbox {
 public:
  using Item = LaterItem;
  using Items = LaterItems;
  // Called once, on a shard or at once: it must not block, and not throw.
  using Done = std::function<void(Status, const Items&)>;

  Outbox(const freshet_outbox* table, std::string topic)
      : table_(table), topic_(std::move(topic)) {}

  const std::string& name() const { return topic_; }

  // [main]
  void watch(void (*changed)(void* arg), void* arg) const {
    table_->watch(table_->ctx, topic(), changed, arg);
  }

  void add(std::span<const freshet_outgoing> entries, Done done) const {
    table_->add(table_->ctx, topic(), entries.data(), entries.size(), expect(std::move(done)));
  }
  // Of the living.
  void list(uint64_t after, uint32_t limit, Done done) const {
    table_->list(table_->ctx, topic(), 0, after, limit, expect(std::move(done)));
  }
  void read(uint64_t id, Done done) const {
    table_->read(table_->ctx, topic(), id, expect(std::move(done)));
  }
  void remove(std::span<const uint64_t> ids, Done done) const {
    table_->remove(table_->ctx, topic(), ids.data(), ids.size(), expect(std::move(done)));
  }
  void bury(uint64_t id, std::string_view reason, Done done) const {
    table_->bury(table_->ctx, topic(), id, to_c(reason), expect(std::move(done)));
  }
  // False: an older core, where every server delivers.
  bool has_courier() const { return FRESHET_HAS(table_, courier); }
  // REQUIRES: has_courier()
  void courier(uint32_t ms, Done done) const {
    table_->courier(table_->ctx, topic(), ms, expect(std::move(done)));
  }
  void topics(Done done) const { table_->topics(table_->ctx, expect(std::move(done))); }

 private:
  freshet_str topic() const { return to_c(std::string_view(topic_)); }

  static freshet_reply expect(Done done) { return detail::Later::expect(std::move(done)); }

  const freshet_outbox* table_;
  std::string topic_;
};

}  // namespace freshet
