// core/store/batch.h: updates of many rooms that are written at once, and the rows they make.
//
// An update is a row. Once the batch leaves, what one author wrote into one room is one row: it is
// what one person typed within a few milliseconds, and a row costs the store far more than the
// bytes in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/abi/crdt.h"
#include "freshet/abi/store.h"
#include "freshet/bytes.h"

namespace freshet {

class Journaled;

// In the place of a client, for what only deletes: that has none, and one user's deletions may
// share a row. No client has this id.
inline constexpr uint64_t kOnlyDeletes = UINT64_MAX;

// An update to keep, and of whom.
struct JournalRow {
  freshet_epoch epoch;           // see freshet_append
  bool is_new = false;           // nothing was stored of the room when it was loaded
  bool first = false;            // only if nothing is stored of it still
  std::string_view author = {};  // a user's id; empty: not known
  // The client whose content alone it is, if it may be merged with what else of theirs is written.
  std::optional<uint64_t> writer = {};
  uint64_t patience_ns = 0;  // it may wait so long for others to share its commit
  Bytes update;
};

class Batch {
 public:
  struct Row {
    Journaled* room;
    freshet_epoch epoch;
    bool is_new, first;
    std::optional<uint64_t> writer;
    uint64_t first_number, last_number;  // of its updates, positions in the journal
    uint64_t first_unix_ms, last_unix_ms;
    size_t updates;       // that it holds
    size_t offset, size;  // of its bytes, where they came to or where they were merged
    size_t author_offset, author_size;  // in authors_
    bool merged;
  };

  bool empty() const { return rows_.empty(); }
  size_t updates() const;
  // That it takes for what it was given, all of which it keeps until its end.
  size_t bytes() const { return bytes_.size() + authors_.size() + given_ * sizeof(Row); }
  const std::vector<Row>& rows() const { return rows_; }
  // Of the row that has the least.
  uint64_t patience_ns() const { return patience_ns_; }
  Bytes update_of(const Row& row) const {
    return Bytes(row.merged ? merged_ : bytes_).subspan(row.offset, row.size);
  }
  std::string_view author_of(const Row& row) const {
    return std::string_view(authors_).substr(row.author_offset, row.author_size);
  }

  // Takes a copy. If memory runs out, the batch is as before.
  void add(Journaled& room, const JournalRow& row, uint64_t number, uint64_t unix_ms);
  // Once, when it leaves. What the engine does not merge, or has no memory for, stays as it came.
  void merge(const freshet_crdt& crdt);
  template <class Which>
  void drop(const Which& which) {
    std::erase_if(rows_, which);
  }

 private:
  using Group = std::vector<size_t>;  // rows, by their places

  bool alike(const Row& a, const Row& b) const;
  std::vector<Group> groups() const;
  void squash(const freshet_crdt& crdt, const Group& group);

  std::vector<Row> rows_;
  size_t given_ = 0;
  uint64_t patience_ns_ = UINT64_MAX;
  std::vector<uint8_t> bytes_;
  std::string authors_;
  std::vector<uint8_t> merged_;
};

}  // namespace freshet
