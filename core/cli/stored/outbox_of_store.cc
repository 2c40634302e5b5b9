// The outbox without a server: the store of the manifest, called directly.
#include <iostream>

#include "core/cli/answer.h"
#include "core/cli/composition.h"
#include "core/cli/stored/outbox.h"
#include "core/offered/outbox_table.h"
#include "freshet/sink.h"

namespace freshet::cli {
namespace {

constexpr std::chrono::seconds kDeadline{60};

class StoreOutboxes final : public Outboxes {
 public:
  // REQUIRES: open() before anything else.
  explicit StoreOutboxes(const ManifestSource& manifest)
      : caller_(kDeadline), loaded_(manifest, Composition::any, FRESHET_WARN) {}

  ExitCode open() {
    const ExitCode opened = open_store(loaded_, {FRESHET_STORE_ID}, services_);
    if (opened != kOk || keeps_outbox(store())) return opened;
    std::cerr << "the store \"" << services_.store.plugin << "\" keeps no outbox\n";
    return kFailed;
  }

  Result<std::vector<Topic>> topics() override {
    FRESHET_TRY(const auto items,
                ask([&](freshet_reply reply) { store().outbox_topics(store().self, reply); }));
    std::vector<Topic> out;
    for (const ReplyItem& item : items) {
      if (item.kind == FRESHET_STORE_TOPIC) out.push_back({.name = text(item)});
      if (out.empty()) continue;
      Topic& topic = out.back();
      if (item.kind == FRESHET_STORE_LIVE) topic.waiting = item.number;
      if (item.kind == FRESHET_STORE_LIVE_BYTES) topic.waiting_bytes = item.number;
      if (item.kind == FRESHET_STORE_DEAD) topic.dead = item.number;
      if (item.kind == FRESHET_STORE_DEAD_BYTES) topic.dead_bytes = item.number;
    }
    return out;
  }

  Result<std::vector<Entry>> list(const std::string& topic, Of of, uint64_t after,
                                  uint32_t limit) override {
    FRESHET_TRY(const auto items, ask([&](freshet_reply reply) {
                  store().outbox_list(store().self, to_c(topic), of == Of::dead ? 1 : 0, after,
                                      limit, reply);
                }));
    std::vector<Entry> out;
    for (const ReplyItem& item : items) {
      if (item.kind == FRESHET_STORE_ENTRY) {
        out.push_back({.id = item.number, .key = text(item), .reason = std::nullopt});
      }
      if (out.empty()) continue;
      if (item.kind == FRESHET_STORE_TIME) out.back().unix_ms = item.number;
      if (item.kind == FRESHET_STORE_BODY) out.back().bytes = item.number;
      if (item.kind == FRESHET_STORE_REASON) out.back().reason = text(item);
    }
    return out;
  }

  Result<std::string> body(const std::string& topic, uint64_t id) override {
    FRESHET_TRY(const auto items, ask([&](freshet_reply reply) {
                  store().outbox_read(store().self, to_c(topic), id, reply);
                }));
    for (const ReplyItem& item : items) {
      if (item.kind == FRESHET_STORE_BODY) return text(item);
    }
    return told(Status::internal);
  }

  Result<uint64_t> change(const std::string& topic, uint64_t id, Change what) override {
    const auto change = what == Change::revive ? store().outbox_revive : store().outbox_drop;
    FRESHET_TRY(const auto items,
                ask([&](freshet_reply reply) { change(store().self, to_c(topic), id, reply); }));
    for (const ReplyItem& item : items) {
      if (item.kind == FRESHET_STORE_COUNT) return item.number;
    }
    return told(Status::internal);
  }

 private:
  const freshet_store& store() const { return *services_.store.table; }

  static std::string text(const ReplyItem& item) { return std::string(as_text(item.bytes)); }

  static Status told(Status status) {
    std::cerr << "the store does not do that; the log says why (" << name_of(status) << ")\n";
    return status;
  }

  Result<ReplyItems> ask(const Caller::Call& call) {
    Answer answer = caller_.call(call);
    if (answer.status == Status::ok) return std::move(answer.items);
    if (answer.status == Status::not_found) return Status::not_found;
    return told(answer.status);
  }

  Caller caller_;  // ends after the plugins
  Loaded loaded_;
  Services services_;
};

}  // namespace

std::unique_ptr<Outboxes> outboxes_of_store(const ManifestSource& manifest, ExitCode& exit) {
  auto outboxes = std::make_unique<StoreOutboxes>(manifest);
  exit = outboxes->open();
  if (exit != kOk) return nullptr;
  return outboxes;
}

}  // namespace freshet::cli
