#include "freshet/crdt/undo.h"

#include <algorithm>

#include "edit/undo_log.h"
#include "replica/replica.h"

namespace freshet::crdt {

struct UndoHistory::Log {
  Replica& replica;
  uint64_t client;
  UndoLog steps;

  Result<bool> pop(UndoLog::Mode mode, std::vector<uint8_t>& update);
  void clear();
};

namespace {

std::vector<uint32_t> roots_of(Tree& tree, const std::vector<std::string>& names) {
  std::vector<uint32_t> types;
  for (const std::string& name : names) types.push_back(tree.root(name));
  return types;
}

}  // namespace

Result<bool> UndoHistory::Log::pop(UndoLog::Mode mode, std::vector<uint8_t>& update) {
  if (replica.tree.held()) return Status::conflict;
  const uint32_t number = replica.begin_edit(client, {}, 0);
  steps.set_mode(mode);
  const bool done = number != kNoClient && steps.pop(mode, number);
  const Status ended = replica.end_edit(number, update);
  steps.set_mode(UndoLog::Mode::none);
  if (number == kNoClient) return Status::limit;
  FRESHET_CHECK(ended);
  return done;
}

void UndoHistory::Log::clear() {
  steps.clear();
  replica.release_undone();
}

UndoHistory::UndoHistory(Doc& doc, uint64_t client, UndoOptions options)
    : log_(new Log{doc.replica(), client,
                   UndoLog(doc.replica().tree, roots_of(doc.replica().tree, options.scope),
                           std::move(options.origins), options.capture_ms)}) {
  doc.replica().undo_logs.push_back(&log_->steps);
}

UndoHistory::~UndoHistory() {
  Replica& replica = log_->replica;
  std::erase(replica.undo_logs, &log_->steps);
  log_->steps.clear();
  replica.release_undone(std::move(log_->steps));
}

Result<bool> UndoHistory::undo(std::vector<uint8_t>& update) {
  return log_->pop(UndoLog::Mode::undo, update);
}
Result<bool> UndoHistory::redo(std::vector<uint8_t>& update) {
  return log_->pop(UndoLog::Mode::redo, update);
}
void UndoHistory::stop_capturing() { log_->steps.stop_capturing(); }
void UndoHistory::clear() { log_->clear(); }
size_t UndoHistory::undo_steps() const { return log_->steps.undo_size(); }
size_t UndoHistory::redo_steps() const { return log_->steps.redo_size(); }

}  // namespace freshet::crdt
