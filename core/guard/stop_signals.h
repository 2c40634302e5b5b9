// core/guard/stop_signals.h: SIGTERM and SIGINT while no platform takes them: as the server starts,
// and as it ends. And exit(), which no plugin may call.
#pragma once

#include "core/host/steps.h"

namespace freshet {

// They end the process, with a line that says what it was waiting for, and with code 1. By default
// they would say nothing; and the first process of a container would not hear them. Whoever calls
// exit() while this lives ends it the same way: a code of 0 would say that all is on disk.
//
// One at a time, from main(). [main]
class StopSignals {
 public:
  explicit StopSignals(const Steps& steps);
  ~StopSignals();  // as by default again
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Again, after a platform had them.
  void take();
};

}  // namespace freshet
