#include "freshet/crdt/undo.h"

#include "api/internals.h"
#include "edit/undo_log.h"

namespace freshet::crdt {

struct UndoHistory::Log final : ReplicaObserver {
  Log(Replica& document, uint64_t who, UndoLog log)
      : replica(document), client(who), steps(std::move(log)) {}

  void note(const Changes& changes, const Occasion& occasion) override {
    if (occasion.maker != Maker::update) steps.note(changes, occasion.origin, occasion.now_ms);
  }
  bool has_released() const override { return steps.has_released(); }
  void release() override { steps.release(); }

  Result<bool> pop(UndoLog::Mode mode, std::vector<uint8_t>& update);

  Replica& replica;
  const uint64_t client;
  UndoLog steps;
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
  const uint32_t number = replica.begin_edit(client, {}, 0, Maker::undoing);
  steps.set_mode(mode);
  const bool done = number != kNoClient && steps.pop(mode, number);
  const Status ended = replica.end_edit(number, update);
  steps.set_mode(UndoLog::Mode::none);
  if (number == kNoClient) return Status::limit;
  FRESHET_CHECK(ended);
  return done;
}

UndoHistory::UndoHistory(Doc& doc, uint64_t client, UndoOptions options) {
  Replica& replica = Internals::of(doc);
  log_ = std::make_unique<Log>(replica, client,
                               UndoLog(replica.tree, roots_of(replica.tree, options.scope),
                                       std::move(options.origins), options.capture_ms));
  replica.observe(*log_);
}

UndoHistory::~UndoHistory() {
  Replica& replica = log_->replica;
  log_->steps.clear();
  replica.dismiss(std::move(log_));
}

Result<bool> UndoHistory::undo(std::vector<uint8_t>& update) {
  return log_->pop(UndoLog::Mode::undo, update);
}
Result<bool> UndoHistory::redo(std::vector<uint8_t>& update) {
  return log_->pop(UndoLog::Mode::redo, update);
}
void UndoHistory::stop_capturing() { log_->steps.stop_capturing(); }
void UndoHistory::clear() {
  log_->steps.clear();
  log_->replica.release_kept();
}
size_t UndoHistory::undo_steps() const { return log_->steps.undo_size(); }
size_t UndoHistory::redo_steps() const { return log_->steps.redo_size(); }

}  // namespace freshet::crdt
