// What an undo manager remembers of the transactions of a document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "items/clock_ranges.h"
#include "tree/tree.h"

namespace freshet::crdt {

// Sets of ids, as ranges. Clients are in the order in which they were added first, which decides in
// which order deleted content is made anew.
class IdRanges {
 public:
  void add(uint32_t client, uint32_t from, uint32_t to);
  void add_all(const IdRanges& other);
  bool contains(Id id) const { return ranges_.contains(id); }
  // visit(client, from, to)
  template <class Visit>
  void each(Visit visit) const {
    for (const uint32_t client : clients_) {
      ranges_.each(client, [&](uint32_t from, uint32_t to) { visit(client, from, to); });
    }
  }

 private:
  ClockRanges ranges_;
  std::vector<uint32_t> clients_;
};

// Source: Yjs 13.6's UndoManager.
class UndoLog {
 public:
  enum class Mode { none, undo, redo };
  struct Step {
    IdRanges inserted;
    IdRanges deleted;
  };

  UndoLog(Tree& tree, std::vector<uint32_t> scope, std::vector<std::string> origins,
          uint64_t capture_ms)
      : tree_(tree),
        scope_(scope.begin(), scope.end()),
        origins_(std::move(origins)),
        capture_ms_(capture_ms) {}

  // A transaction of local edits is over but for what settle() does. REQUIRES: the tree is held.
  void note(const Changes& changes, std::string_view origin, uint64_t now_ms);
  // Whether release() has to be called, which is to be in a transaction of its own: it lets go of
  // what a cleared stack kept.
  bool has_released() const { return !released_.empty(); }
  void release();

  // In a transaction: takes steps off the stack until one of them changes something. Until the
  // transaction is over, the mode says where note() puts what that did.
  bool pop(Mode mode, uint32_t client);
  void set_mode(Mode mode) { mode_ = mode; }

  // Forgets both stacks; release() has to follow.
  void clear();
  size_t undo_size() const { return undo_.size(); }
  size_t redo_size() const { return redo_.size(); }
  void stop_capturing() { last_ms_.reset(); }

 private:
  struct Redo;  // one step that is being undone

  bool concerns(const Changes& changes) const;
  bool concerns(uint32_t type) const;
  bool in_scope(uint32_t item) const;
  void set_kept(uint32_t item, bool on);
  void keep_all(const IdRanges& ranges, bool on);
  // Visits every item of the ranges, cut at their ends.
  template <class Visit>
  void each_item(const IdRanges& ranges, Visit visit);
  uint32_t type_of(uint32_t item) const { return tree_.lists[tree_.items[item].list].type; }
  uint32_t parent_of(uint32_t item) const { return tree_.types[type_of(item)].item; }
  // What an item was made anew as, if it was; else itself.
  uint32_t latest(uint32_t item);

  bool perform(const Step& step, uint32_t client);
  bool redo(uint32_t item, const Redo& step);
  bool redo_one(uint32_t item, const Redo& step);
  bool list_place(uint32_t item, uint32_t parent, Place& place);
  bool keyed_place(uint32_t item, uint32_t parent, const Redo& step, Place& place);
  uint32_t counterpart(uint32_t item, uint32_t parent);
  bool undone(Id id) const;

  Tree& tree_;
  const std::unordered_set<uint32_t> scope_;  // types
  const std::vector<std::string> origins_;
  const uint64_t capture_ms_;
  std::vector<Step> undo_;
  std::vector<Step> redo_;
  std::vector<Step> released_;
  Mode mode_ = Mode::none;
  std::optional<uint64_t> last_ms_;  // when the newest step began to be captured
};

}  // namespace freshet::crdt
