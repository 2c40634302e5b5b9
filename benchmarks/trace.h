// Traces: "YUPD", u32 count, then count times (u32 length, bytes), little endian. Recorded updates
// in delivery order, or the steps of a script (crdt/script.mjs).
#pragma once

#include <cstdint>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::bench {

// Read whole. Ends the program if that is not possible.
struct Trace {
  explicit Trace(const char* path);

  std::vector<uint8_t> file;
  std::vector<Bytes> updates;  // in `file`
};

}  // namespace freshet::bench
