// core/store/log_end.h: where the log of a room ends that others append to, and who has written
// there.
#pragma once

#include <cstdint>
#include <optional>

#include "freshet/abi/store.h"
#include "freshet/bytes.h"

namespace freshet {

// Who wrote a row, and which of its updates is the last in it.
struct RowWriter {
  freshet_writer by{};
  uint64_t number = 0;
};

struct LogEnd {
  std::optional<freshet_epoch> epoch;  // none: nothing is stored of the room
  uint64_t last_seq = 0;
  std::optional<RowWriter> writer;  // of that row; none: it is not known
};

// Of a FRESHET_STORE_WRITER item. Nothing if it is none.
std::optional<RowWriter> row_writer(Bytes bytes, uint64_t number);

}  // namespace freshet
