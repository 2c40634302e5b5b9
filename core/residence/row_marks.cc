#include "core/residence/row_marks.h"

#include "freshet/store.h"

namespace freshet {

std::optional<RowWriter> writer_of_row(const ReplyItems& items, size_t row) {
  for (size_t i = row + 1; i < items.size(); ++i) {
    const ReplyItem& item = items[i];
    if (item.kind == FRESHET_STORE_UPDATE) break;
    if (item.kind == FRESHET_STORE_WRITER) return row_writer(item.bytes, item.number);
  }
  return std::nullopt;
}

bool RowMarks::contradicted_by(const ReplyItems& items) const {
  for (size_t i = 0; i < items.size(); ++i) {
    const uint64_t seq = items[i].number;
    const bool is_row =
        items[i].kind == FRESHET_STORE_UPDATE || items[i].kind == FRESHET_STORE_SNAPSHOT;
    if (!is_row || !has(seq)) continue;
    const auto writer = writer_of_row(items, i);
    if (writer && contradict({seq, writer->by, writer->number, writer->number})) return true;
  }
  return false;
}

}  // namespace freshet
