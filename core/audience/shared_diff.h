// core/audience/shared_diff.h: the last difference that a room gave out, for all who ask for the
// same before its document changes.
#pragma once

#include <cstdint>
#include <vector>

#include "core/audience/member.h"
#include "core/loop/body.h"

namespace freshet {

class SharedDiff {
 public:
  // What is asked for, and by whom.
  struct Asked {
    uint64_t version;  // of the document
    uint32_t kind;     // of the delivery
    uint8_t document;  // what is said of it
    Bytes state_vector;
    const MemberSpec& by;
  };

  bool answers(const Asked& asked) const;
  void put(const Asked& asked, std::vector<uint8_t> update, Frames frames);
  const Frames& frames() const { return frames_; }

  // Its bytes. A long one takes long to come back, so that it is still known by its print.
  void let_go();
  void forget();  // all of it

  // Whether these are the bytes of the last diff, which the document has by definition, however
  // many they are. Clients that upload their whole state when they have built it send what they
  // were given a moment ago, and comparing costs a fiftieth of decoding.
  bool was_given(uint32_t format, Bytes update) const;

 private:
  uint64_t version_ = 0;  // 0: there is none
  uint32_t kind_ = 0, wire_ = 0, variant_ = 0;
  uint8_t document_ = 0;
  std::vector<uint8_t> state_vector_;
  std::vector<uint8_t> update_;
  Frames frames_;
  size_t given_bytes_ = 0;  // of the last long one; 0: none
  uint64_t given_print_ = 0;
};

}  // namespace freshet
