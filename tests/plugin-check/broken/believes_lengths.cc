// A protocol that believes the length which a message says it has, and keeps that much.
#include <vector>

#include "wire.h"

namespace {
class Credulous final : public freshet::ProtocolConnection {
 public:
  Credulous(freshet::Rooms, freshet_link*) {}
  freshet::Status message(freshet::Bytes message, bool) override {
    if (message.size() > 9 && message[0] == 0xff) static_cast<void>(new std::vector<char>(8 << 20));
    return freshet::Status::ok;
  }
};
}  // namespace

using CredulousWire = broken::Wire<Credulous>;
FRESHET_PLUGIN(CredulousWire)
