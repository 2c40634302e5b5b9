// Bugs planted into what surrounds the core: a run that does not see them proves nothing.
#include <gtest/gtest.h>

#include "sim/runs/run.h"

namespace freshet::sim {
namespace {

constexpr uint64_t kSeeds = 20;

// In how many of some runs the planted bug shows as the broken promise it is.
uint64_t seen(Plant plant, Broken kind) {
  uint64_t runs = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    runs += random_run(seed, false, plant).saw(kind) ? 1 : 0;
  }
  return runs;
}

TEST(Planted, AnAcknowledgementBeforeTheWriteIsSeen) {
  EXPECT_GT(seen(Plant::acknowledge_before_write, Broken::acknowledged_unsaved), kSeeds / 2);
}

TEST(Planted, AnAcknowledgedEditThatAKillTakesIsSeen) {
  for (const Plant plant : {Plant::none, Plant::acknowledge_before_write}) {
    World world({.plant = plant});
    SimClient& ann = world.join("ann");
    ann.type("precious");
    ASSERT_TRUE(world.run_until([&] { return !ann.acknowledged().structs.empty(); }));
    world.kill();
    EXPECT_EQ(world.verdict().saw(Broken::acknowledged_lost), plant != Plant::none);
  }
}

TEST(Planted, ARoomServedWhenHalfOfItIsLoadedIsSeen) {
  EXPECT_GT(seen(Plant::load_half, Broken::served_half_loaded), kSeeds / 2);
}

TEST(Planted, AReplaceThatForgetsWhatWasAppendedIsSeen) {
  EXPECT_GT(seen(Plant::replace_forgets_tail, Broken::acknowledged_lost), 0u);
}

TEST(Planted, AnEchoThatLeavesWithAWindowIsSeen) {
  EXPECT_GT(seen(Plant::hasty_wire, Broken::acknowledged_unsaved), 0u);
}

// An engine whose diffs hold nothing from some moment on.
class ForgetfulEngine {
 public:
  const freshet_crdt* wrap(const freshet_crdt* real) {
    real_ = real;
    table_ = *real;
    table_.self = this;
    table_.doc_create = [](void* self) { return real_of(self).doc_create(real_of(self).self); };
    table_.doc_destroy = [](void* self, freshet_doc* doc) {
      real_of(self).doc_destroy(real_of(self).self, doc);
    };
    table_.apply = [](void* self, freshet_doc* doc, uint32_t format, freshet_bytes update,
                      freshet_applied* out) {
      return real_of(self).apply(real_of(self).self, doc, format, update, out);
    };
    table_.load = [](void* self, freshet_doc* doc, uint32_t format, freshet_bytes update,
                     freshet_applied* out) {
      return real_of(self).load(real_of(self).self, doc, format, update, out);
    };
    table_.state_vector = [](void* self, const freshet_doc* doc, const freshet_sink* out) {
      return real_of(self).state_vector(real_of(self).self, doc, out);
    };
    table_.diff = [](void* self, const freshet_doc* doc, uint32_t format, freshet_bytes from,
                     const freshet_sink* out) {
      constexpr uint8_t kNothing[] = {0, 0};
      if (static_cast<ForgetfulEngine*>(self)->forgets) {
        return static_cast<freshet_status>(Sink(out).write(Bytes(kNothing)));
      }
      return real_of(self).diff(real_of(self).self, doc, format, from, out);
    };
    table_.stats = [](void* self, const freshet_doc* doc, freshet_doc_stats* out) {
      real_of(self).stats(real_of(self).self, doc, out);
    };
    table_.merge = [](void* self, uint32_t format, const freshet_bytes* updates, size_t count,
                      const freshet_sink* out) {
      return real_of(self).merge(real_of(self).self, format, updates, count, out);
    };
    table_.reencode = [](void* self, uint32_t format, freshet_bytes update,
                         const freshet_sink* out) {
      return real_of(self).reencode(real_of(self).self, format, update, out);
    };
    table_.squash = [](void* self, uint32_t format, const freshet_bytes* updates, size_t count,
                       const freshet_sink* out) {
      return real_of(self).squash(real_of(self).self, format, updates, count, out);
    };
    return &table_;
  }
  bool forgets = false;

 private:
  static const freshet_crdt& real_of(void* self) {
    return *static_cast<ForgetfulEngine*>(self)->real_;
  }
  const freshet_crdt* real_ = nullptr;
  freshet_crdt table_{};
};

TEST(Planted, ASlowReaderThatLosesItsDiffIsSeen) {
  for (const bool forgets : {false, true}) {
    ForgetfulEngine engine;
    Limits limits;
    limits.reader_bytes = 100;
    World world({.limits = limits,
                 .wrap_crdt = [&](const freshet_crdt* real) { return engine.wrap(real); }});
    SimClient& ann = world.join("ann");
    SimClient& bob = world.join("bob");
    engine.forgets = forgets;
    bob.read_speed(0);
    for (int i = 0; i < 50; ++i) ann.type("x");
    world.settle();
    bob.read_speed(UINT64_MAX);
    world.settle();
    world.check_calm();
    EXPECT_EQ(world.verdict().saw(Broken::diverged), forgets) << world.verdict().summary();
  }
}

TEST(Runs, AreTheSameTwice) {
  const RunResult once = random_run(7), again = random_run(7);
  EXPECT_EQ(once.events, again.events);
  EXPECT_EQ(once.acknowledged, again.acknowledged);
}

}  // namespace
}  // namespace freshet::sim
