#include "core/live/rooms/ranking.h"

#include <algorithm>
#include <utility>

namespace freshet {
namespace {

uint64_t key_of(RoomsQuery::Sort sort, const RoomRow& row) {
  switch (sort) {
    case RoomsQuery::Sort::bytes: return row.bytes;
    case RoomsQuery::Sort::people: return row.people;
    case RoomsQuery::Sort::lag: return row.lagging;
    case RoomsQuery::Sort::unsaved: return row.unsaved_bytes;
    case RoomsQuery::Sort::name: break;
  }
  return 0;
}

}  // namespace

bool Ranking::before(const RoomRow& a, const RoomRow& b) const {
  const uint64_t key_a = key_of(query_.sort, a), key_b = key_of(query_.sort, b);
  return key_a != key_b ? key_a > key_b : a.name < b.name;
}

void Ranking::note(RoomRow row) {
  ++open_;
  ++matched_;
  keep(std::move(row));
}

void Ranking::keep(RoomRow row) {
  const auto order = [this](const RoomRow& a, const RoomRow& b) { return before(a, b); };
  if (kept_.size() < query_.limit) {
    kept_.push_back(std::move(row));
    return std::ranges::push_heap(kept_, order), void();
  }
  if (!before(row, kept_.front())) return;
  std::ranges::pop_heap(kept_, order);
  kept_.back() = std::move(row);
  std::ranges::push_heap(kept_, order);
}

void Ranking::take_in(Ranking other) {
  open_ += other.open_;
  matched_ += other.matched_;
  for (RoomRow& row : other.kept_) keep(std::move(row));
}

std::vector<RoomRow> Ranking::in_order() && {
  std::ranges::sort(kept_, [this](const RoomRow& a, const RoomRow& b) { return before(a, b); });
  return std::move(kept_);
}

}  // namespace freshet
