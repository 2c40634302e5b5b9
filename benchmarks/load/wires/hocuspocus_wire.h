// hocuspocus_wire.h: a client of @hocuspocus/provider 4.
//
//   frame   string(document), varuint type: 0 sync and 4 sync reply (sync.h), 1 awareness
//           bytes(update), 2 auth, 3 query awareness, 5 stateless, 7 close string(why), 8 sync
//           status varuint 1; or the one byte 9, a ping, answered with 10
//   auth    client: varuint 0 string(token) string(version)
//           server: varuint 0 (say it again) | 1 string(why) | 2 string(scope)
//
// Sends its token, step1 and its awareness at once when open; the server keeps the latter two until
// it has let it in. Every step2 and update is answered with one sync status, in order.
// Source: @hocuspocus/provider 4.8.
#pragma once

#include "wire.h"

namespace freshet::load {

class HocuspocusWire final : public Wire {
 public:
  // `target` is the whole URL path: documents are named in the frames.
  HocuspocusWire(std::string target, std::string token, Awareness awareness = Awareness::shown)
      : target_(std::move(target)), token_(std::move(token)), awareness_(awareness) {}

  std::string target(std::string_view /*room*/) const override { return target_; }
  Opcode opcode() const override { return Opcode::binary; }
  Acknowledgement acknowledgement() const override { return Acknowledgement::counted; }
  int64_t renewal_ns() const override { return 15'000'000'000; }

  Heard read(Bytes message, std::vector<uint8_t>& scratch) const override;
  void read_presence(const Heard& heard, std::vector<Shown>& out) const override;

  void open(Person& who, FrameWriter& out) const override;
  unsigned answer(const Heard& heard, Person& who, FrameWriter& out) const override;
  void edit(const Person& who, Bytes update, FrameWriter& out) const override;
  void show(Person& who, FrameWriter& out) const override;
  void renew(Person& who, FrameWriter& out) const override { show(who, out); }

 private:
  void add_token(const Person& who, FrameWriter& out) const;

  std::string target_, token_;
  Awareness awareness_;
};

}  // namespace freshet::load
