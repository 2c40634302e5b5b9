// pluv_wire.h: a client of @pluv/client 5 with @pluv/crdt-yjs, in JSON.
//
// Told who it is ($registered), it offers what it has ($initializeSession); given the document
// ($storageReceived), it sends all of it back ($updateStorage, origin "$initialized"); told that it
// has come itself ($userJoined), it asks who else is there ($getOthers). It pings every 10 s.
// Source: reference transcripts of @pluv/client 5.0.0.
#pragma once

#include "wire.h"

namespace freshet::load {

enum class Acks { ask, none };

class PluvWire final : public Wire {
 public:
  // Acks::ask: says ?acks=1, on which Freshet tells of each edit that it is saved; others pass over
  // it.
  PluvWire(std::string prefix, Acks acks) : prefix_(std::move(prefix)), acks_(acks) {}

  std::string target(std::string_view room) const override;
  Opcode opcode() const override { return Opcode::text; }
  Acknowledgement acknowledgement() const override {
    return acks_ == Acks::ask ? Acknowledgement::numbered : Acknowledgement::none;
  }
  int64_t renewal_ns() const override { return 10'000'000'000; }

  Heard read(Bytes message, std::vector<uint8_t>& scratch) const override;
  void read_presence(const Heard& heard, std::vector<Shown>& out) const override;

  void open(Person& /*who*/, FrameWriter& /*out*/) const override {}  // the server speaks first
  unsigned answer(const Heard& heard, Person& who, FrameWriter& out) const override;
  void edit(const Person& who, Bytes update, FrameWriter& out) const override;
  void show(Person& who, FrameWriter& out) const override;
  void renew(Person& who, FrameWriter& out) const override;

 private:
  std::string prefix_;
  Acks acks_;
};

}  // namespace freshet::load
