#include "core/guard/stop_signals.h"

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "core/report/in_plugin.h"
#include "core/report/raw_line.h"

namespace freshet {
namespace {

constexpr std::array kStops = {SIGTERM, SIGINT};

std::atomic<const Steps*> waited_for{nullptr};

void on_stop(int number) {
  RawLine line;
  line.add("freshet: ended by ").add(number == SIGTERM ? "SIGTERM" : "SIGINT");
  const Steps* steps = waited_for.load();
  const char* what = steps == nullptr ? nullptr : steps->now();
  what == nullptr ? line.add(" when it served nobody")
                  : line.add(" while it waited for ").add(what);
  line.write();
  ::_exit(EXIT_FAILURE);
}

// The thread that calls exit() comes here, too.
void on_exit() {
  if (waited_for.load() == nullptr) return;
  RawLine line;
  line.add("freshet: ended by a call of exit()");
  if (const char* asked = InPlugin::now()) line.add(" in ").add(asked);
  line.write();
  ::_exit(EXIT_FAILURE);
}

}  // namespace

StopSignals::StopSignals(const Steps& steps) {
  static_cast<void>(std::atexit(on_exit));
  waited_for = &steps;
  take();
}

StopSignals::~StopSignals() {
  for (const int number : kStops) std::signal(number, SIG_DFL);
  waited_for = nullptr;
}

void StopSignals::take() {
  struct sigaction act{};
  act.sa_handler = on_stop;
  for (const int number : kStops) static_cast<void>(::sigaction(number, &act, nullptr));
}

}  // namespace freshet
