// core/residence/compaction.h: replaces what the store has of a room by a snapshot, now and then.
//
// Reads back what is stored, merges it on a worker, and swaps it in; unless that shows that another
// node has done so. The shard does nothing but pass it on, and what is appended meanwhile stays in
// the log. Lives on the room's shard; not to be destroyed while it runs.
#pragma once

#include <string>
#include <vector>

#include "core/residence/room_services.h"
#include "core/store/history.h"

namespace freshet {

class Compaction {
 public:
  // All outlive it. `history` is the room's; its snapshot and log are counted here.
  Compaction(RoomServices& services, const std::string& room, History& history)
      : services_(services), room_(room), history_(history) {}
  Compaction(const Compaction&) = delete;
  Compaction& operator=(const Compaction&) = delete;

  bool running() const { return running_; }
  bool due() const;
  // `document_bytes`: what the document takes in memory.
  void start(size_t document_bytes);

 private:
  void claim(uint32_t ms, StoreQueue::Done done);
  void read(size_t document_bytes);
  void merge(ReplyItems items, size_t document_bytes);
  void fold(const History& through, std::vector<uint8_t> snapshot);
  void count_from(const History& stored);
  void end();
  void fail(Status status);

  RoomServices& services_;
  const std::string& room_;
  History& history_;
  bool running_ = false;
  uint64_t not_before_ms_ = 0;
};

}  // namespace freshet
