// A protocol that says goodbye to a connection that is closed.
#include <freshet/plugin.h>

namespace {
class Connection final : public freshet::ProtocolConnection {
 public:
  Connection(freshet::Rooms rooms, freshet_link* link) : rooms_(rooms), link_(link) {}
  ~Connection() override { static_cast<void>(rooms_.send(link_, {}, false)); }
  freshet::Status message(freshet::Bytes, bool) override { return freshet::Status::ok; }

 private:
  freshet::Rooms rooms_;
  freshet_link* link_;
};

class Wire final : public freshet::Protocol {
 public:
  static constexpr freshet::About kAbout{
      .id = "protocol-dead", .version = "1.0.0", .summary = "Speaks to the dead."};
  static freshet::Result<std::unique_ptr<Wire>> create(freshet::Host host) {
    return std::make_unique<Wire>(freshet::Rooms(host.service<freshet_room>(FRESHET_ROOM_ID)));
  }
  explicit Wire(freshet::Rooms rooms) : rooms_(rooms) {}

  freshet::Status routes(freshet::Sink out) override { return out.write("/dead"); }
  freshet_traits traits() override { return {}; }
  freshet::Result<std::unique_ptr<freshet::ProtocolConnection>> open(
      const freshet_open& open) override {
    return std::unique_ptr<freshet::ProtocolConnection>(new Connection(rooms_, open.link));
  }
  freshet::Status encode(const freshet_delivery& delivery, freshet::Sink out) const override {
    if (delivery.kind != FRESHET_UPDATE) return freshet::Status::not_found;
    return out.write(freshet::view(delivery.bytes));
  }

 private:
  freshet::Rooms rooms_;
};
}  // namespace

FRESHET_PLUGIN(Wire)
