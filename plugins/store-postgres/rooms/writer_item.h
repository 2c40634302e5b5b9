// plugins/store-postgres/rooms/writer_item.h: who wrote a row, as the core is told.
#pragma once

#include <cstdint>
#include <string>

#include "store-postgres/database/rows.h"

namespace freshet::postgres {

// The bytes of FRESHET_STORE_WRITER: of a run in this column, and a shard in the next.
inline std::string writer_item(const Rows& rows, int row, int column) {
  std::string bytes(rows.text(row, column));
  const auto shard = static_cast<uint32_t>(rows.number(row, column + 1));
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(shard >> shift & 0xff);
  return bytes;
}

}  // namespace freshet::postgres
