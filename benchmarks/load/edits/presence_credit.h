// presence_credit.h: which states of each who shows itself one reader has got, each counted once.
//
// Of presence only the latest matters, and servers leave out what a newer state has overtaken. So a
// state counts as delivered when it or a newer one of the same person arrives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace freshet::load {

// State number `state` of whoever stands in a place of the room; the first is number 1.
struct Shown {
  uint32_t place;
  uint64_t state;
  bool operator==(const Shown&) const = default;
};

class PresenceCredit {
 public:
  // Numbers in (after, through].
  struct Span {
    uint64_t after, through;
    bool operator==(const Span&) const = default;
  };

  // Places [0, showing) show themselves.
  explicit PresenceCredit(uint32_t showing) : through_(showing) {}

  // The reader is here from now on, when so many states have been shown by each: it waits for none
  // of those, and what it had before counts for nothing.
  void begin(std::span<const uint64_t> shown);
  // What counts since now. REQUIRES: the place shows itself.
  Span take(const Shown& shown) {
    uint64_t& through = through_[shown.place];
    const uint64_t before = through;
    if (shown.state > through) through = shown.state;
    received_ += through - before;
    return {before, through};
  }

  uint64_t received() const { return received_; }
  // What there was to receive since begin(); nobody waits for what was shown in its own place.
  uint64_t expected(std::span<const uint64_t> shown, size_t own_place) const;

 private:
  std::vector<uint64_t> through_, before_;
  uint64_t received_ = 0;
};

}  // namespace freshet::load
