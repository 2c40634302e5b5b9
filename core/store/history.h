// core/store/history.h: what a store keeps of one room, read.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/loop/replies.h"
#include "core/store/document.h"
#include "core/store/log_end.h"
#include "freshet/abi/store.h"

namespace freshet {

// The numbers of a room's history, as it is stored.
struct History {
  freshet_epoch epoch{};
  bool is_new = false;  // nothing of it is stored
  uint64_t last_seq = 0;
  std::optional<RowWriter> last_writer;  // of that row, when it was read
  size_t snapshot_bytes = 0;
  size_t log_updates = 0;  // rows
  size_t log_bytes = 0;

  void note_rows(size_t rows, size_t bytes) {
    log_updates += rows;
    log_bytes += bytes;
  }
};

// What a room begins with.
struct Loaded {
  Document document;
  History history;
};

// All of these take the items of freshet_store.load, and say Status::corrupt if they are not what
// it promises. They take about as long as a document is large: for workers. [any]

Result<History> read_history(const ReplyItems& items);
// Status::limit: the budget does not allow it now.
Result<Loaded> load_history(const freshet_crdt& crdt, Budget& budget, const ReplyItems& items);
// A document of what an app gave, FRESHET_UPDATE_V1, and `state` as the engine writes it: empty if
// nothing is in it. Status::malformed if it is none.
Result<Document> load_first(const freshet_crdt& crdt, Budget& budget, std::vector<uint8_t>& state);
// As one update.
Result<std::vector<uint8_t>> merge_history(const freshet_crdt& crdt, const ReplyItems& items);

// As the JSON of its document.
Result<std::vector<uint8_t>> json_of_history(const freshet_crdt& crdt, const ReplyItems& items);

// As the engine's outline of it. Status::unsupported: not with this engine.
Result<std::vector<uint8_t>> outline_of_history(const freshet_crdt& crdt, const ReplyItems& items,
                                                uint32_t limit);

// Updates of one document, FRESHET_UPDATE_V1, as one. Status::malformed if one is none.
Result<std::vector<uint8_t>> merged(const freshet_crdt& crdt,
                                    std::span<const freshet_bytes> updates);

// An update of somebody's, FRESHET_UPDATE_V1, checked and written anew, so that nothing odd is ever
// stored. Status::malformed if it is none.
Result<std::vector<uint8_t>> rewritten(const freshet_crdt& crdt, Bytes update);

// Whether a new document takes `state`, which may be larger than a peer's update.
Status loads(const freshet_crdt& crdt, Budget& budget, Bytes state);

}  // namespace freshet
