#include "core/store/log_end.h"

#include <algorithm>

namespace freshet {

std::optional<RowWriter> row_writer(Bytes bytes, uint64_t number) {
  RowWriter writer{{}, number};
  if (bytes.size() != sizeof(writer.by.run) + sizeof(writer.by.shard)) return std::nullopt;
  std::ranges::copy(bytes.first(sizeof(writer.by.run)), writer.by.run);
  for (const uint8_t byte : bytes.subspan(sizeof(writer.by.run))) {
    writer.by.shard = writer.by.shard << 8 | byte;
  }
  return writer;
}

}  // namespace freshet
