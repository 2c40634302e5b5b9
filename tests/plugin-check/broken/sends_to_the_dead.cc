// A protocol that says goodbye to a connection that is closed.
#include "wire.h"

namespace {
class Polite final : public freshet::ProtocolConnection {
 public:
  Polite(freshet::Rooms rooms, freshet_link* link) : rooms_(rooms), link_(link) {}
  ~Polite() override { static_cast<void>(rooms_.send(link_, {}, false)); }
  freshet::Status message(freshet::Bytes, bool) override { return freshet::Status::ok; }

 private:
  freshet::Rooms rooms_;
  freshet_link* link_;
};
}  // namespace

using PoliteWire = broken::Wire<Polite>;
FRESHET_PLUGIN(PoliteWire)
