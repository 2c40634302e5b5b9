// yjs_wire.h: a client of y-websocket.
//
//   frame   varuint type: 0 sync (sync.h), 1 awareness bytes(update), 2 auth varuint 0 string(why),
//           3 query awareness
//
// Opens with step1 and its awareness, answers step1 with step2, shows its awareness again every
// 15 s as awareness.js does. Its own edit that comes back is what it has for an acknowledgement.
// Source: y-websocket 3.1, y-protocols 1.0.
#pragma once

#include "wire.h"

namespace freshet::load {

class YjsWire final : public Wire {
 public:
  // `prefix` is what stands before the room in the URL: "/yjs" for Freshet, "" for most others.
  // Awareness::none: a client that never says which client id it writes with.
  explicit YjsWire(std::string prefix, Awareness awareness = Awareness::shown)
      : prefix_(std::move(prefix)), awareness_(awareness) {}

  std::string target(std::string_view room) const override {
    return prefix_ + "/" + std::string(room);
  }
  Opcode opcode() const override { return Opcode::binary; }
  Acknowledgement acknowledgement() const override { return Acknowledgement::echo; }
  int64_t renewal_ns() const override { return 15'000'000'000; }

  Heard read(Bytes message, std::vector<uint8_t>& scratch) const override;
  void read_presence(const Heard& heard, std::vector<Shown>& out) const override;

  void open(Person& who, FrameWriter& out) const override;
  unsigned answer(const Heard& heard, Person& who, FrameWriter& out) const override;
  void edit(const Person& who, Bytes update, FrameWriter& out) const override;
  void show(Person& who, FrameWriter& out) const override;
  void renew(Person& who, FrameWriter& out) const override { show(who, out); }

 private:
  std::string prefix_;
  Awareness awareness_;
};

}  // namespace freshet::load
