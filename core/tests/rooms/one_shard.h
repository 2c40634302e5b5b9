// core/tests/rooms/one_shard.h: what the parts of a room need of their shard, with nothing else on
// it: on the simulator's platform, with its store and the real engine.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/audience/member.h"
#include "core/residence/long_update.h"
#include "core/residence/residence.h"
#include "core/residence/room_services.h"
#include "core/tests/report/kept_log.h"
#include "core/tests/rooms/failing_engine.h"
#include "crdt-native/native_crdt.h"
#include "freshet/crdt/doc.h"
#include "freshet/testing.h"
#include "sim/clients/author.h"
#include "sim/platform/sim_platform.h"
#include "sim/plugins/sim_store.h"

namespace freshet::sim {

class OneShard {
 public:
  explicit OneShard(const Limits& limits = {}) : limits_(limits) {
    EXPECT_EQ(store_queue_.open(), Status::ok);
    fill_workers(false);
    EXPECT_EQ(compactors_.open("compact", 1, kMaxWaitingJobs), Status::ok);
  }
  ~OneShard() {
    store_.die();
    platform_.kill();
  }
  OneShard(const OneShard&) = delete;
  OneShard& operator=(const OneShard&) = delete;

  RoomServices& services() { return services_; }
  SimStore& store() { return store_; }
  SimDisk& disk() { return disk_; }
  FailingEngine& engine() { return failing_; }
  Weather& weather() { return scene_.weather; }
  const Verdict& verdict() const { return scene_.verdict; }
  int64_t count(const char* counter) { return metrics_.counter(counter, "").get(); }
  // As if as many jobs as may, or none, waited for a worker.
  void fill_workers(bool full) {
    EXPECT_EQ(workers_.open("load", 1, full ? 0 : kMaxWaitingJobs), Status::ok);
  }
  const RoomMetrics& count() const { return room_metrics_; }
  int64_t budget_bytes() const { return budget_bytes_.get(); }  // held
  const std::string& log() const { return log_.lines; }

  void run_ms(uint64_t ms) {
    scene_.timeline.run_until(scene_.timeline.now_us() + ms * kMs);
    services_.now_ms = platform_.now_ms();
  }
  void settle() { run_ms(2'000); }

 private:
  static constexpr uint32_t kMaxWaitingJobs = 100;
  const freshet_platform& platform() { return *platform_table_.table(); }
  static std::unique_ptr<NativeCrdt> made(Host host) {
    auto engine = NativeCrdt::create(host, [] { return uint64_t{0}; });
    return engine ? std::move(*engine) : nullptr;
  }

  const OnShard here_{0};  // the test is what runs there
  const Limits limits_;
  Scene scene_{1, false};
  SimDisk disk_;
  SimPlatform platform_{scene_, 1};
  SimStore store_{scene_, disk_, platform_, Plant::none};
  testing::FakeHost host_;
  Bound<Platform> platform_table_{platform_, host_.host()};
  testing::FakeHost engine_host_{NativeCrdt::kSettings};
  std::unique_ptr<NativeCrdt> engine_ = made(engine_host_.host());
  Bound<Crdt> engine_table_{*engine_, engine_host_.host()};
  FailingEngine failing_;
  const freshet_crdt& crdt_ = *failing_.wrap(engine_table_.table());
  KeptLog log_;
  Metrics metrics_;
  RoomMetrics room_metrics_{metrics_};
  AppMetrics app_metrics_{metrics_};
  freshet_metric& budget_bytes_ = metrics_.gauge("budget", "");
  Budget budget_{size_t{1} << 30, budget_bytes_};
  MemoryCeiling ceiling_{0, log_, metrics_};
  const Loop loop_{platform(), 0};
  Replies replies_{platform(), metrics_, log_};
  StoreQueue store_queue_{platform(), *store_.table(), replies_, limits_};
  Workers workers_{platform()};
  Workers compactors_{platform()};
  Journal journal_{{}, loop_, crdt_, store_queue_, limits_, log_, metrics_};
  Procedures procedures_;
  Apps apps_{
      {}, procedures_, {loop_, crdt_, store_queue_, replies_, limits_, log_, app_metrics_, 0}, {}};
  NodeBus bus_{nullptr, "", replies_, metrics_};
  Openings openings_{{loop_, store_queue_, {}, false, false, nullptr}};
  RoomServices services_{loop_,
                         {},
                         crdt_,
                         store_queue_,
                         bus_,
                         openings_,
                         journal_,
                         apps_,
                         workers_,
                         compactors_,
                         limits_,
                         log_,
                         room_metrics_,
                         budget_,
                         ceiling_,
                         limits_.unsaved_bytes,
                         RareLine(log_, "room", "refused for its size: "),
                         RareLine(log_, "room", "written twice: "),
                         RareLine(log_, "room", "gets more than "),
                         Shortages(log_),
                         ShardPace(),
                         platform_.now_ms()};
};

// A wire on which a delivery is its kind and its bytes, in plain text.
class PlainWire {
 public:
  explicit PlainWire(uint32_t index = 0, uint32_t saved = FRESHET_SAVED_NOTE) {
    wire_.index = index;
    wire_.traits.saved = saved;
    wire_.traits.presence_echo = 1;
  }
  PlainWire(const PlainWire&) = delete;
  PlainWire& operator=(const PlainWire&) = delete;

  const Wire& get() const { return wire_; }
  size_t encoded() const { return encoded_; }  // deliveries, ever
  void fail(bool fails) { fails_ = fails; }

 private:
  static freshet_status encode(void* self, const freshet_delivery* delivery,
                               const freshet_sink* out) {
    auto& wire = *static_cast<PlainWire*>(self);
    if (wire.fails_) return FRESHET_INTERNAL;
    ++wire.encoded_;
    std::string text = std::to_string(delivery->kind) + ":";
    text += as_text(view(delivery->bytes));
    if (delivery->ticket != 0) text += "#" + std::to_string(delivery->ticket);
    return out->write(out->ctx, to_c(as_bytes(text)));
  }

  size_t encoded_ = 0;
  bool fails_ = false;
  freshet_protocol protocol_ = [this] {
    freshet_protocol protocol{};
    protocol.size = sizeof(protocol);
    protocol.self = this;
    protocol.encode = encode;
    return protocol;
  }();
  Wire wire_{&protocol_, "plain", 0, {}, {}};
};

// What one member hears.
struct Heard {
  std::vector<std::string> messages;
  uint16_t closed = 0;  // with this code
  std::string reason;   // of that
  std::vector<uint32_t> paused_ms;
  size_t queued_bytes = 0;  // as its connection says
};

class Ear final : public Outlet {
 public:
  explicit Ear(Heard& heard) : heard_(heard) {}
  void send(const Frames& frames, Bytes, bool) override {
    for (const Body& frame : frames) {
      heard_.messages.emplace_back(as_text({frame.get()->data, frame.size()}));
    }
  }
  void end(Ends, uint16_t code, std::string_view reason) override {
    heard_.closed = code;
    heard_.reason = reason;
  }
  void pause_reading(uint32_t ms) override { heard_.paused_ms.push_back(ms); }
  size_t queued_bytes() const override { return heard_.queued_bytes; }
  void credit(size_t) override {}

 private:
  Heard& heard_;
};

enum class Writes { no, yes };

// One that is in, wants everything and may write.
inline std::unique_ptr<Member> member(MemberId id, const Wire& wire, Heard& heard,
                                      MemberSpec spec = {}, Writes writes = Writes::yes) {
  spec.id = id;
  spec.wire = &wire;
  spec.wants =
      FRESHET_WANT_UPDATES | FRESHET_WANT_PRESENCE | FRESHET_WANT_SAVED | FRESHET_WANT_EVENTS;
  spec.may_write = writes == Writes::yes;
  spec.client = 100 + id;
  auto member = std::make_unique<Member>(std::move(spec), std::make_unique<Ear>(heard));
  member->in = true;
  return member;
}

// The owner of a document without a room around it.
struct DocumentOwner final : Residence::Owner {
  explicit DocumentOwner(std::string name_of_it) : named(std::move(name_of_it)) {}
  const std::string& name() const override { return named; }
  void on_saved(const Stored& stored) override {
    ++saved;
    if (noting == nullptr) return;
    EXPECT_EQ(noting->note_stored(stored), Status::ok);
  }
  void on_refused(Status) override { ++refused; }
  void on_loaded(Status status) override { loaded.push_back(status); }
  void on_worked(std::unique_ptr<LongUpdate> work) override { worked = std::move(work); }

  const std::string named;
  Residence* noting = nullptr;  // told of what is written
  size_t saved = 0, refused = 0;
  std::vector<Status> loaded;
  std::unique_ptr<LongUpdate> worked;
};

inline std::string text_of(const std::vector<uint8_t>& update) {
  crdt::Doc doc;
  std::string text;
  if (!update.empty() && doc.apply(update)) doc.text("text", text);
  return text;
}

}  // namespace freshet::sim
