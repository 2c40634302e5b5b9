// core/residence/row_marks.h: who wrote the last rows of a room's log, as this node was told.
//
// A database that fails over to a copy which lags behind takes rows back that were told of, and
// gives their places to others. A row that is another than the one which was there shows it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/loop/replies.h"
#include "core/residence/limits.h"
#include "core/store/log_end.h"
#include "freshet/store.h"

namespace freshet {

// Of items that the store answered: who wrote the update at `row`, or the last in the snapshot
// there, which is said behind it.
std::optional<RowWriter> writer_of_row(const ReplyItems& items, size_t row);

class RowMarks {
 public:
  // A row, and which of its writer's updates may be in it.
  struct Row {
    uint64_t seq;
    freshet_writer by;
    uint64_t first_number, last_number;
  };

  void clear() { rows_.clear(); }
  bool has(uint64_t seq) const { return find(seq) != rows_.end(); }

  // The place before the first of them; `otherwise` if there are none.
  uint64_t before_first(uint64_t otherwise) const {
    return rows_.empty() ? otherwise : std::ranges::min(rows_, {}, &Row::seq).seq - 1;
  }

  // One that is there already stays. Of too many the oldest is forgotten.
  void note(const Row& row) {
    if (has(row.seq)) return;
    if (rows_.size() == kMostRowMarks) rows_.erase(std::ranges::min_element(rows_, {}, &Row::seq));
    rows_.push_back(row);
  }

  // That another was in its place.
  bool contradict(const Row& row) const { return contradict(row.seq, row); }
  // The same of all from `first_seq` to this one, which were written together.
  bool contradict(uint64_t first_seq, const Row& last) const {
    return std::ranges::any_of(rows_, [&](const Row& known) {
      const bool shares_numbers =
          known.first_number <= last.last_number && last.first_number <= known.last_number;
      const bool is_one_of_them = known.seq >= first_seq && known.seq <= last.seq;
      return is_one_of_them && !(same(known.by, last.by) && shares_numbers);
    });
  }
  // What the store has is another in the place of one of these.
  bool contradicted_by(const ReplyItems& items) const;

 private:
  std::vector<Row>::const_iterator find(uint64_t seq) const {
    return std::ranges::find(rows_, seq, &Row::seq);
  }

  std::vector<Row> rows_;
};

}  // namespace freshet
