// core/live/rooms/unsaved_of.h: how many updates of each member of a room are not on the disk, by
// the journal: what their clients believe may be something else.
//
// Kept while somebody looks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "core/live/limits.h"
#include "core/presence/presence.h"

namespace freshet {

class UnsavedOf {
 public:
  // It begins: of what a member sent before, so many may be unsaved until all up to `position` is.
  void begin(uint64_t position) {
    entries_.clear();
    unsaved_.clear();
    before_.clear();
    begun_at_ = position;
  }
  void note_before(MemberId member, uint64_t unsaved) {
    if (unsaved > 0) before_[member] = unsaved;
  }

  void note(MemberId member, uint64_t position) {
    if (entries_.size() >= kUnsavedKept) {  // told apart again once all of it is saved
      for (const auto& [id, count] : unsaved_) before_[id] += count;
      entries_.clear();
      unsaved_.clear();
      begun_at_ = position;
    }
    entries_.push_back({position, member});
    ++unsaved_[member];
  }
  void note_saved(uint64_t through) {
    if (through >= begun_at_) before_.clear();
    while (!entries_.empty() && entries_.front().position <= through) {
      const auto it = unsaved_.find(entries_.front().member);
      if (--it->second == 0) unsaved_.erase(it);
      entries_.pop_front();
    }
  }

  // `untold`: how many of its updates it was not told are saved. What was sent before it was looked
  // at is on the disk as soon as that is told: it is not known one by one.
  uint64_t of(MemberId member, uint64_t untold) const {
    const auto now = unsaved_.find(member), before = before_.find(member);
    const uint64_t known = now == unsaved_.end() ? 0 : now->second;
    const uint64_t old = before == before_.end() ? 0 : before->second;
    return known + std::min(old, untold - std::min(untold, known));
  }

 private:
  struct Entry {
    uint64_t position;
    MemberId member;
  };

  std::deque<Entry> entries_;  // by position
  std::unordered_map<MemberId, uint64_t> unsaved_, before_;
  uint64_t begun_at_ = 0;
};

}  // namespace freshet
