// core/audience/encodings.h: one delivery, as each wire and variant among a room's members has it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/audience/member.h"
#include "core/loop/body.h"
#include "core/residence/room_services.h"

namespace freshet {

// An update as it is delivered: `kind` is FRESHET_UPDATE or FRESHET_DIFF.
freshet_delivery delivery_of(uint32_t kind, Bytes update);

class Encodings {
 public:
  // Both outlive it.
  Encodings(RoomServices& services, const std::string& room) : services_(services), room_(room) {}
  Encodings(const Encodings&) = delete;
  Encodings& operator=(const Encodings&) = delete;

  // Before each new delivery.
  void clear() { made_.clear(); }
  // The delivery for this member, made once for all of its wire and variant until clear(). None if
  // its wire has none for it. Null: its wire failed, as the log says, and will for the next, too.
  // Holds until the next call.
  const Frames* of(const freshet_delivery& delivery, const MemberSpec& to);
  // The same for one who is sent away if its wire fails, as it would miss something without
  // knowing.
  const Frames* for_member(const freshet_delivery& delivery, Member& to);
  // The same of a delivery that may be gone by now. Null: it was not made for this wire and
  // variant.
  const Frames* find(const MemberSpec& to) const;

 private:
  RoomServices& services_;
  const std::string& room_;
  std::vector<std::pair<uint32_t, Frames>> made_;  // by wire and variant
};

}  // namespace freshet
