// plugins/store-sqlite/answered_batches.h: the last batch of each writer, as it was answered.
//
// A batch comes again when nobody knows what became of it: it was committed, and then the files
// were gone. Memory is enough: what a transaction that failed has written is never found later, and
// a writer is a run of a server that has the file open.
#pragma once

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "freshet/store.h"
#include "store-sqlite/limits.h"

namespace freshet::sqlite {

// Where an entry went.
struct Appended {
  freshet_epoch epoch;
  uint64_t seq;  // 0: it was to be the first, and was not
};

class AnsweredBatches {
 public:
  // Null: this batch was not committed.
  const std::vector<Appended>* find(const freshet_batch& batch) const {
    const auto it = last_.find(key(batch.writer));
    return it != last_.end() && it->second.number == batch.number ? &it->second.entries : nullptr;
  }
  void keep(const freshet_batch& batch, std::vector<Appended> entries) {
    const Key writer = key(batch.writer);
    if (last_.size() >= kMaxWriters && !last_.contains(writer)) last_.erase(last_.begin());
    last_[writer] = {batch.number, std::move(entries)};
  }

 private:
  struct Last {
    uint64_t number = 0;
    std::vector<Appended> entries;
  };
  using Key = std::pair<std::array<uint8_t, sizeof(freshet_writer::run)>, uint32_t>;
  static Key key(const freshet_writer& writer) { return {std::to_array(writer.run), writer.shard}; }

  std::map<Key, Last> last_;
};

}  // namespace freshet::sqlite
