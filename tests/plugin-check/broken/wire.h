// A wire on which updates are sent as they are, and connections do what they please.
#pragma once

#include <freshet/plugin.h>

#include <memory>

namespace broken {

// `C` is made of a freshet::Rooms and the link.
template <class C>
class Wire final : public freshet::Protocol {
 public:
  static constexpr freshet::About kAbout{
      .id = "protocol-broken", .version = "1.0.0", .summary = "Is wrong in one way."};
  static freshet::Result<std::unique_ptr<Wire>> create(freshet::Host host) {
    return std::make_unique<Wire>(freshet::Rooms(host.service<freshet_room>(FRESHET_ROOM_ID)));
  }
  explicit Wire(freshet::Rooms rooms) : rooms_(rooms) {}

  freshet::Status routes(freshet::Sink out) override { return out.write("/broken"); }
  freshet_traits traits() override { return {}; }
  freshet::Result<std::unique_ptr<freshet::ProtocolConnection>> open(
      const freshet_open& open) override {
    return std::unique_ptr<freshet::ProtocolConnection>(std::make_unique<C>(rooms_, open.link));
  }
  freshet::Status encode(const freshet_delivery& delivery, freshet::Sink out) const override {
    if (delivery.kind != FRESHET_UPDATE) return freshet::Status::not_found;
    return out.write(freshet::view(delivery.bytes));
  }

 private:
  freshet::Rooms rooms_;
};

}  // namespace broken
