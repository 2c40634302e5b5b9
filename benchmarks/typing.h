// Keystrokes in a document of any size, to see what its size costs each of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::bench {

struct Typing {
  std::vector<uint8_t> document;                 // an update
  std::vector<std::vector<uint8_t>> keystrokes;  // in order, each an update for that document
};

// A document in whose root "text" `copies` of `history` stand one after the other, as if other
// people had written each, and what one more person types all over it: bursts of letters, some of
// them taken back. The same for the same arguments. Aborts if `history` is none.
Typing typing_in_copies(std::span<const Bytes> history, uint32_t copies);

// What `writers` people type in a window of `keystrokes` each, all of it of one writer as one
// update. Windows one after the other, until the keystrokes of `typing` are at an end.
std::vector<std::vector<std::vector<uint8_t>>> windows_of(const Typing& typing, size_t writers,
                                                          size_t keystrokes);

}  // namespace freshet::bench
