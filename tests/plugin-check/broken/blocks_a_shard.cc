// A protocol that waits for something when a message is large, the longer the larger it is.
#include <chrono>
#include <thread>

#include "wire.h"

namespace {
class Slow final : public freshet::ProtocolConnection {
 public:
  Slow(freshet::Rooms, freshet_link*) {}
  static void wait(size_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }
  freshet::Status message(freshet::Bytes message, bool) override {
    if (message.size() > 50'000) wait(message.size() / 200);
    return freshet::Status::ok;
  }
};
}  // namespace

using SlowWire = broken::Wire<Slow>;
FRESHET_PLUGIN(SlowWire)
