// core/residence/shortages.h: what the log says when something that all rooms share is used up:
// seldom, however many of them find it so.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/report/log.h"

namespace freshet {

// One per shard.
class Shortages {
 public:
  explicit Shortages(Log& log) : log_(log) {}

  void note_memory(uint64_t now_ms) {
    note(memory_not_before_ms_, now_ms,
         "there is no memory for more: edits and rooms are refused for now; "
         "limits.documents_bytes bounds what all documents take together, and "
         "freshet_documents_bytes shows what they do");
  }
  void note_workers(uint64_t now_ms) {
    note(workers_not_before_ms_, now_ms,
         "as much work on documents as may waits for a worker: rooms that must be loaded and long "
         "updates are refused for now; no setting moves this bound");
  }

 private:
  static constexpr uint64_t kNoteAgainMs = 60'000;

  void note(uint64_t& not_before_ms, uint64_t now_ms, std::string_view line) {
    if (now_ms < not_before_ms) return;
    not_before_ms = now_ms + kNoteAgainMs;
    log_.warn("room", line);
  }

  Log& log_;
  uint64_t memory_not_before_ms_ = 0;
  uint64_t workers_not_before_ms_ = 0;
};

}  // namespace freshet
