// core/apps/room_turns.h: things to be done for rooms, in order and one at a time for each, a few
// at once.
//
// Everything runs on one shard. What has been started keeps its place among the few until it is
// released, even if its room has gone on without it: so what never ends is soon not started.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace freshet {

template <class Entry>
class RoomTurns {
 public:
  // `start` is called with what has its turn; next() and release() are told of its end.
  using Start = std::function<void(const std::string& room, Entry entry)>;

  RoomTurns(size_t at_once, Start start) : at_once_(at_once), start_(std::move(start)) {}
  RoomTurns(const RoomTurns&) = delete;
  RoomTurns& operator=(const RoomTurns&) = delete;

  void push(const std::string& room, Entry entry, size_t bytes) {
    Queue& queue = rooms_[room];
    if (!queue.busy && queue.waiting.empty()) ready_.push_back(room);
    queue.waiting.push_back({std::move(entry), bytes});
    queue.bytes += bytes;
    bytes_ += bytes;
    start_ready();
  }

  // What waits last in a room; null: nothing.
  const Entry* last(const std::string& room) const {
    const auto it = rooms_.find(room);
    return it == rooms_.end() || it->second.waiting.empty() ? nullptr
                                                            : &it->second.waiting.back().entry;
  }

  // The room's turn is over: what waits next there may start.
  void next(const std::string& room) {
    const auto it = rooms_.find(room);
    if (it == rooms_.end()) return;
    it->second.busy = false;
    if (it->second.waiting.empty()) {
      rooms_.erase(it);
    } else {
      ready_.push_back(room);
      start_ready();
    }
  }

  // What was started has ended for good, and its place is free. Once for each.
  void release() {
    --started_;
    start_ready();
  }

  // Takes out what waits and is meant.
  template <class Meant>
  std::vector<Entry> take_if(Meant meant) {
    std::vector<Entry> taken;
    for (auto& [room, queue] : rooms_) {
      size_t bytes = 0;
      std::erase_if(queue.waiting, [&](Waiting& waiting) {
        if (!meant(waiting.entry)) return false;
        bytes += waiting.bytes;
        taken.push_back(std::move(waiting.entry));
        return true;
      });
      queue.bytes -= bytes;
      bytes_ -= bytes;
    }
    std::erase_if(
        rooms_, [](const auto& room) { return !room.second.busy && room.second.waiting.empty(); });
    std::erase_if(ready_, [&](const std::string& room) { return !rooms_.contains(room); });
    return taken;
  }

  size_t bytes() const { return bytes_; }  // that wait
  size_t bytes_of(const std::string& room) const {
    const auto it = rooms_.find(room);
    return it == rooms_.end() ? 0 : it->second.bytes;
  }
  bool idle() const { return rooms_.empty(); }

 private:
  struct Waiting {
    Entry entry;
    size_t bytes;
  };
  struct Queue {
    std::deque<Waiting> waiting;
    size_t bytes = 0;  // of what waits
    bool busy = false;
  };

  void start_ready() {
    while (!ready_.empty() && started_ < at_once_) {
      const std::string room = std::move(ready_.front());
      ready_.pop_front();
      const auto it = rooms_.find(room);
      if (it == rooms_.end() || it->second.busy || it->second.waiting.empty()) continue;
      Waiting first = std::move(it->second.waiting.front());
      it->second.waiting.pop_front();
      it->second.busy = true;
      it->second.bytes -= first.bytes;
      bytes_ -= first.bytes;
      ++started_;
      start_(room, std::move(first.entry));
    }
  }

  const size_t at_once_;
  const Start start_;
  std::unordered_map<std::string, Queue> rooms_;  // those with something waiting or under way
  std::deque<std::string> ready_;                 // those that may go on, in turn
  size_t bytes_ = 0;
  size_t started_ = 0;
};

}  // namespace freshet
