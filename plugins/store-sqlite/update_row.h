// plugins/store-sqlite/update_row.h: an update as a row, in the log and where it arrives.
#pragma once

#include <cstdint>

#include "freshet/store.h"
#include "store-sqlite/database/database.h"

namespace freshet::sqlite {

// room, seq, checksum, data, author, first_ms, lasted_ms: the parameters of `insert`.
inline int insert_update(Statement& insert, int64_t room, uint64_t seq, int64_t checksum,
                         const freshet_append& entry) {
  Use row(insert);
  row.bind(room).bind(seq).bind(checksum).bind(view(entry.update));
  entry.author.size == 0 ? row.bind_null() : row.bind(view(entry.author));
  row.bind(entry.first_unix_ms).bind(entry.last_unix_ms - entry.first_unix_ms);
  return row.finish();
}

}  // namespace freshet::sqlite
