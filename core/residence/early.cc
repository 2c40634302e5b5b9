#include "core/residence/early.h"

#include <algorithm>

#include "core/residence/limits.h"
#include "freshet/store.h"

namespace freshet {

bool Early::has(const freshet_writer& by, uint64_t number) const {
  return std::ranges::any_of(
      edits_, [&](const Kept& each) { return each.number == number && same(each.by, by); });
}

bool Early::has_all(const freshet_writer& by, const bus::Stored& stored) const {
  const auto of_it = [&](const Kept& each) {
    return each.number >= stored.first_number && each.number <= stored.last_number &&
           same(each.by, by);
  };
  return static_cast<uint64_t>(std::ranges::count_if(edits_, of_it)) == stored.updates;
}

Result<Bytes> Early::take(const freshet_writer& by, const bus::Edit& edit,
                          freshet_applied& applied) {
  if (has(by, edit.number)) return Status::conflict;
  if (edits_.size() >= kMostEarly) return Status::limit;
  const size_t unsaved_bytes = services_.early_bytes + services_.journal.unsaved_bytes();
  if (unsaved_bytes + edit.update.size() > services_.unsaved_limit_bytes) return Status::limit;
  edits_.reserve(edits_.size() + 1);
  Kept kept{by, edit.number, UINT64_MAX, services_.loop.now_ms(), 0, {}, {}, {}};
  kept.update.assign(edit.update.begin(), edit.update.end());
  kept.author = edit.user_id;
  FRESHET_TRY(const Bytes passed_on, residence_.apply_early(edit.update, applied));
  if (applied.changed != 0) {
    kept.position = residence_.saved().position();
    if (applied.canonical == 0) kept.update.assign(passed_on.begin(), passed_on.end());
    kept.applied = applied;
    services_.early_bytes += kept.update.size();
  } else {
    release_memory(kept.update);
  }
  edits_.push_back(std::move(kept));
  residence_.saved().hold_from(std::ranges::min(edits_, {}, &Kept::position).position);
  return passed_on;
}

template <class Which>
void Early::drop(Which which) {
  for (const Kept& each : edits_) {
    if (which(each)) services_.early_bytes -= each.update.size();
  }
  if (std::erase_if(edits_, which) == 0) return;
  uint64_t unsaved_from = UINT64_MAX;
  for (const Kept& each : edits_) unsaved_from = std::min(unsaved_from, each.position);
  residence_.saved().hold_from(unsaved_from);
  if (edits_.empty()) release_memory(edits_);
}

void Early::settle(const freshet_writer& by, uint64_t first_number, uint64_t last_number) {
  drop([&](const Kept& each) {
    return each.number >= first_number && each.number <= last_number && same(each.by, by);
  });
}

void Early::note_saved() {
  const uint64_t saved = services_.journal.saved();
  drop([&](const Kept& each) { return each.again != 0 && each.again <= saved; });
}

void Early::store_old(uint64_t before_ms) {
  drop([&](const Kept& each) { return each.came_ms < before_ms && each.position == UINT64_MAX; });
  for (Kept& each : edits_) {
    if (each.came_ms >= before_ms || each.again != 0) continue;
    services_.metrics.stored_for_others.add();
    residence_.keep(each.update, each.author, each.applied);
    each.again = residence_.saved().position();
  }
}

void Early::forget() {
  drop([](const Kept&) { return true; });
}

}  // namespace freshet
