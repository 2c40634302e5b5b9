#include "app-webhook/sending/backlog.h"

#include <algorithm>

#include "app-webhook/limits.h"

namespace freshet::webhook {

// ---- knowing what there is ---------------------------------------------------------------------

void Backlog::added(uint64_t last_id, size_t count) {
  added_id_ = std::max(added_id_, last_id);
  waiting_ += static_cast<int64_t>(count);
  if (last_id > listed_id_) more_ = true;
}

void Backlog::begin_anew() {
  forget();
  more_ = true;
  count_all();
}

void Backlog::stand_by() {
  forget();
  more_ = false;
  count_all();
}

void Backlog::forget() {
  ++epoch_;
  listed_id_ = 0;
  listed_all_ = listing_ = false;
  due_.clear();
  std::map<uint64_t, uint64_t> under_way;
  for (auto it = rooms_.begin(); it != rooms_.end();) {
    Room& room = it->second;
    if (room.under_way == 0) {
      it = rooms_.erase(it);
      continue;
    }
    under_way[room.under_way] = known_[room.under_way];
    room.ids = {room.under_way};
    ++it;
  }
  known_ = std::move(under_way);
}

void Backlog::count_all(bool for_revived) {
  outbox_.topics([this, for_revived, epoch = epoch_](Status status, const Outbox::Items& items) {
    if (status != Status::ok) return;
    mailbox_.post([this, for_revived, epoch, items] {
      if (epoch == epoch_) on_counted(items, for_revived);
    });
  });
}

void Backlog::on_counted(const Outbox::Items& items, bool for_revived) {
  bool mine = false;
  const int64_t dead_before = dead_;
  waiting_ = dead_ = 0;
  for (const Outbox::Item& item : items) {
    if (item.kind == FRESHET_STORE_TOPIC) mine = as_text(item.bytes) == outbox_.name();
    if (!mine) continue;
    if (item.kind == FRESHET_STORE_LIVE) waiting_ = static_cast<int64_t>(item.number);
    if (item.kind == FRESHET_STORE_DEAD) dead_ = static_cast<int64_t>(item.number);
  }
  if (for_revived && dead_ < dead_before) begin_anew();
}

void Backlog::list_more() {
  if (!more_ || listing_ || is_full()) return;
  listing_ = true;
  const Asked asked{epoch_, ++lists_, added_id_};
  outbox_.list(listed_id_, kListEntries, [this, asked](Status status, const Outbox::Items& items) {
    mailbox_.post([this, asked, status, items] { on_listed(asked, status, items); });
  });
}

void Backlog::on_listed(const Asked& asked, Status status, const Outbox::Items& items) {
  if (asked.epoch != epoch_) return;
  if (status != Status::ok) {
    // `listing_` stays: nobody asks again before.
    return retries_.failed([this, epoch = asked.epoch] {
      if (epoch == epoch_) listing_ = false;
    });
  }
  retries_.worked();
  listing_ = false;
  size_t count = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].kind != FRESHET_STORE_ENTRY) continue;
    uint64_t happened_ms = 0;
    for (size_t j = i + 1; j < items.size() && items[j].kind != FRESHET_STORE_ENTRY; ++j) {
      if (items[j].kind == FRESHET_STORE_TIME) happened_ms = items[j].number;
    }
    take_in(items[i].number, std::string(as_text(items[i].bytes)), happened_ms);
    listed_id_ = items[i].number;
    ++count;
  }
  if (count < kListEntries) {
    // Whatever was added before this was asked is in it, or gone.
    listed_id_ = std::max(listed_id_, asked.added_id);
    list_to_end_ = asked.list;
    listed_all_ = true;
  }
  more_ = count == kListEntries || added_id_ > listed_id_;
}

void Backlog::take_in(uint64_t id, const std::string& name, uint64_t happened_ms) {
  Room& room = rooms_[name];
  if (id == room.under_way) return;
  known_[id] = happened_ms;
  if (room.name.empty()) room.name = name;
  room.ids.push_back(id);
  if (room.ids.size() == 1) queue(room, clock_.now_ms());
}

bool Backlog::is_full() const { return known_.size() >= kWindowEntries; }

uint64_t Backlog::happened_ms(uint64_t id) const {
  const auto it = known_.find(id);
  return it == known_.end() ? 0 : it->second;
}

int64_t Backlog::waiting() const {
  const auto known = static_cast<int64_t>(known_.size());
  return listed_all_ && !more_ ? known : std::max(known, waiting_);
}

// ---- trying ------------------------------------------------------------------------------------

void Backlog::queue(Room& room, uint64_t due_ms) {
  room.due_ms = due_ms;
  due_.emplace(due_ms, &room);
}

std::optional<Backlog::Event> Backlog::take_due() {
  if (next_due_ms() > clock_.now_ms()) return std::nullopt;
  Room& room = *due_.begin()->second;
  due_.erase(due_.begin());
  ++under_way_;
  room.under_way = room.ids.front();
  return Event{room.name, room.under_way};
}

void Backlog::again(const std::string& name, uint64_t wait_ms) {
  Room& room = rooms_.find(name)->second;
  --under_way_;
  room.under_way = 0;
  queue(room, clock_.now_ms() + wait_ms);
}

void Backlog::over(const std::string& name, uint64_t id) {
  const auto it = rooms_.find(name);
  Room& room = it->second;
  known_.erase(id);
  waiting_ = std::max<int64_t>(0, waiting_ - 1);
  --under_way_;
  room.under_way = 0;
  room.failures = 0;
  if (!room.ids.empty() && room.ids.front() == id) room.ids.pop_front();
  if (room.ids.empty()) {
    rooms_.erase(it);
    return;
  }
  queue(room, clock_.now_ms());
}

uint64_t Backlog::count_failure(const std::string& name) {
  return ++rooms_.find(name)->second.failures;
}

void Backlog::end_pauses() {
  due_.clear();
  for (auto& [name, room] : rooms_) {
    if (room.under_way == 0) queue(room, clock_.now_ms());
  }
}

}  // namespace freshet::webhook
