// A protocol that waits for something when a message is large.
#include <chrono>
#include <thread>

#include "wire.h"

namespace {
class Slow final : public freshet::ProtocolConnection {
 public:
  Slow(freshet::Rooms, freshet_link*) {}
  freshet::Status message(freshet::Bytes message, bool) override {
    if (message.size() > 50'000) std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return freshet::Status::ok;
  }
};
}  // namespace

using SlowWire = broken::Wire<Slow>;
FRESHET_PLUGIN(SlowWire)
