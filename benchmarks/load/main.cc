// load: loads a server as clients do, and says how it took it. See docs/benchmarks.md.
//
// Ends with 0; 1 if the run came to nothing; 2 for a wrong command line; 3 if the figures are void.
#include <sched.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>

#include "options.h"
#include "report.h"
#include "run/floor_sender.h"
#include "run/run.h"
#include "wires/hocuspocus_wire.h"
#include "wires/pluv_wire.h"
#include "wires/yjs_wire.h"

namespace {

using namespace freshet::load;

int fail(const std::string& why) {
  std::fprintf(stderr, "load: %s\n", why.c_str());
  return 1;
}

std::unique_ptr<Wire> wire_of(const Scenario& s) {
  const Awareness awareness = s.awareness ? Awareness::shown : Awareness::none;
  switch (s.wire) {
    case WireKind::pluv: return std::make_unique<PluvWire>(s.path, s.acks ? Acks::ask : Acks::none);
    case WireKind::hocuspocus: return std::make_unique<HocuspocusWire>(s.path, s.token, awareness);
    default: return std::make_unique<YjsWire>(s.path, awareness);
  }
}

// Empty: it is so.
std::string prepare_process(const Scenario& s) {
  if (s.cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(s.cpu), &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0) {
      return "no processor " + std::to_string(s.cpu) + ": " + std::strerror(errno);
    }
  }
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  // Each room's document, those who are leaving, the standard ones.
  const rlim_t wanted = s.all_clients() + s.rooms + 256;
  if (files.rlim_cur < wanted) {
    files.rlim_cur = std::min(wanted, files.rlim_max);
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < wanted) {
      return "this takes " + std::to_string(wanted) + " descriptors, and `ulimit -Hn` is " +
             std::to_string(files.rlim_max);
    }
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  int exit_code = 2;
  const auto scenario = read_scenario(argc, argv, exit_code);
  if (!scenario) return exit_code;
  std::signal(SIGPIPE, SIG_IGN);
  if (const std::string wrong = prepare_process(*scenario); !wrong.empty()) return fail(wrong);

  const auto wire = wire_of(*scenario);
  const bool is_floor = scenario->wire == WireKind::floor;
  FloorSender floor(*scenario);
  if (is_floor && !floor.listen_somewhere()) return fail(floor.why());
  World world{.wire = *wire,
              .greeting = is_floor ? Greeting::none : Greeting::websocket,
              .host = scenario->host,
              .port = is_floor ? floor.port() : scenario->port,
              .poller = {},
              .tally = {}};
  Run run(*scenario, world, is_floor ? &floor : nullptr);
  if (!run.go()) return fail(run.why());

  const auto report = report_of(*scenario, world, run);
  std::fputs(table_of(report).c_str(), stdout);
  if (!scenario->json.empty()) {
    std::ofstream out(scenario->json);
    out << report.dump(1) << '\n';
    if (!out.flush()) return fail("cannot write " + scenario->json);
  }
  return report["void"].get<bool>() ? 3 : 0;
}
