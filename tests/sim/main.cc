// sim: random runs of the whole server on a simulated outside.
//
//   sim --seeds=1000            seeds 1 to 1000; stops at the first that fails
//   sim --seeds=1000 --from=5000
//   sim --seed=17 --trace       one run, told event by event
//   sim --keep-going            all seeds, failing ones included
//   sim --cluster               the same of several nodes, in some of which the database fails over
//                               and loses what it has answered
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "sim/runs/cluster_run.h"
#include "sim/runs/run.h"

namespace {

constexpr uint64_t kEnoughToSeeAll = 100;

struct Arguments {
  uint64_t from = 1, seeds = 1000;
  bool trace = false, keep_going = false, cluster = false;
  freshet::sim::Plant plant = freshet::sim::Plant::none;
};

bool read(std::string_view text, Arguments& out) {
  const auto number = [&] { return std::strtoull(text.data() + text.find('=') + 1, nullptr, 10); };
  if (text.starts_with("--seed=")) return out.from = number(), out.seeds = 1, true;
  if (text.starts_with("--seeds=")) return out.seeds = number(), true;
  if (text.starts_with("--from=")) return out.from = number(), true;
  if (text.starts_with("--plant=")) {
    return out.plant = static_cast<freshet::sim::Plant>(number()), true;
  }
  if (text == "--cluster") return out.cluster = true;
  if (text == "--trace") return out.trace = true;
  if (text == "--keep-going") return out.keep_going = true;
  return false;
}

void print_failure(uint64_t seed, const std::string& summary, const char* option) {
  std::printf("seed %" PRIu64 " failed:\n%s  again: build/tests/sim/sim %s--seed=%" PRIu64
              " --trace\n",
              seed, summary.c_str(), option, seed);
}

int run_alone(const Arguments& arguments) {
  uint64_t failed = 0, events = 0;
  freshet::sim::Windows windows;
  freshet::sim::Overload overload;
  freshet::sim::Limited limited;
  size_t edits = 0, acknowledged = 0, kills = 0, stops = 0;
  for (uint64_t i = 0; i < arguments.seeds; ++i) {
    const uint64_t seed = arguments.from + i;
    const auto result = freshet::sim::random_run(seed, arguments.trace, arguments.plant);
    events += result.events;
    edits += result.edits;
    acknowledged += result.acknowledged;
    kills += result.kills;
    stops += result.stops;
    windows += result.windows;
    overload += result.overload;
    limited += result.limited;
    std::fflush(stdout);
    if (result.clean) continue;
    ++failed;
    print_failure(seed, result.summary, "");
    if (!arguments.keep_going) break;
  }
  std::printf("%" PRIu64 " runs: %" PRIu64 " failed; %" PRIu64
              " events, %zu edits, %zu units acknowledged, %zu kills, %zu restarts\n",
              arguments.seeds, failed, events, edits, acknowledged, kills, stops);
  std::printf("rooms sent at once %" PRId64 " times, in windows %" PRId64
              " times, and at their bound %" PRId64 " times\n",
              windows.none, windows.some, windows.bound);
  std::printf("refused %" PRId64 " sessions for being behind and %" PRId64
              " for memory; let go of %" PRId64 " idle documents for that\n",
              overload.refused_strain, overload.refused_memory, overload.let_go);
  std::printf("over their rates %" PRId64 " connections were closed, %" PRId64
              " joins refused, and %" PRId64 " times somebody was not read\n",
              limited.closed, limited.refused, limited.paused);
  if (failed != 0) return 1;
  // Runs in which nothing waited say nothing of what waits.
  const bool seen_all = windows.none > 0 && windows.some > 0 && windows.bound > 0 &&
                        overload.seen_all() && limited.seen_all();
  return arguments.seeds >= kEnoughToSeeAll && !seen_all ? 1 : 0;
}

int run_clusters(const Arguments& arguments) {
  uint64_t failed = 0, events = 0, said = 0;
  freshet::sim::ClusterCount count;
  const freshet::sim::ClusterPlan plan{
      .trace = arguments.trace, .plant = arguments.plant, .failover = freshet::sim::Failover::some};
  for (uint64_t i = 0; i < arguments.seeds; ++i) {
    const uint64_t seed = arguments.from + i;
    const auto result = freshet::sim::cluster_run(seed, plan);
    events += result.events;
    said += result.said;
    count += result.count;
    std::fflush(stdout);
    if (result.clean) continue;
    ++failed;
    print_failure(seed, result.summary, "--cluster ");
    if (!arguments.keep_going) break;
  }
  std::printf("%" PRIu64 " runs: %" PRIu64 " failed; %" PRIu64 " events, %" PRIu64
              " messages between nodes, %zu edits, %zu waves, %zu moves\n",
              arguments.seeds, failed, events, said, count.edits, count.waves, count.moves);
  std::printf("%zu kills, %zu stops, %zu pauses, %zu cuts, %zu outages, %zu failovers\n",
              count.kills, count.stops, count.pauses, count.cuts, count.outages, count.failovers);
  if (failed != 0) return 1;
  return arguments.seeds >= kEnoughToSeeAll && !count.seen_all() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    if (read(argv[i], arguments)) continue;
    std::fprintf(stderr,
                 "usage: sim [--seed=N | --seeds=N --from=N] [--trace] [--keep-going] "
                 "[--cluster]\n");
    return 2;
  }
  return arguments.cluster ? run_clusters(arguments) : run_alone(arguments);
}
