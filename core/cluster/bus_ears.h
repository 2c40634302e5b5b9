// core/cluster/bus_ears.h: what a bus plugin tells this node, from threads of its own.
//
// Outlives the plugins and the server: what comes before the server is there, or after it, is heard
// by nobody. That is what its lock is for.
#pragma once

#include <functional>
#include <mutex>
#include <string_view>

#include "freshet/abi/bus.h"
#include "freshet/bytes.h"

namespace freshet {

class BusEars {
 public:
  // Called one at a time, by any thread; neither blocks.
  struct Listener {
    std::function<void(std::string_view room, Bytes message)> hear;
    std::function<void()> missed;
  };

  BusEars();
  BusEars(const BusEars&) = delete;
  BusEars& operator=(const BusEars&) = delete;

  // What a bus is started with.
  const freshet_hearer* table() const { return &c_; }

  void open(Listener listener);  // from now on. [main]
  void close();                  // nothing more, when this returns. [main]

 private:
  std::mutex mutex_;  // guards the listener
  Listener listener_;
  const freshet_hearer c_;
};

}  // namespace freshet
