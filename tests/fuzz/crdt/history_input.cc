#include "history_input.h"

#include <algorithm>
#include <utility>

#include "format/update_v1.h"
#include "freshet/format/codec.h"

namespace freshet::fuzz {
namespace {

using crdt::ClientTable;
using crdt::Id;
using crdt::Kind;
using crdt::WireStruct;

constexpr size_t kMaxHistory = 200;  // updates; more are slow and find nothing new

class Dice {
 public:
  explicit Dice(std::mt19937& random) : random_(random) {}
  uint32_t below(size_t n) { return n == 0 ? 0 : static_cast<uint32_t>(random_() % n); }
  bool one_in(uint32_t n) { return below(n) == 0; }
  template <class T>
  T& of(std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  std::mt19937& random_;
};

// One update taken apart, with the ids that its whole history knows.
class Apart {
 public:
  Apart(const History& history, const Buffer& update, Dice dice) : dice_(dice) {
    for (const Buffer& each : history) note_ids(each);
    good_ = crdt::decode_update(update, clients_, update_) == Status::ok;
  }

  bool good() const { return good_; }

  void mutate() {
    if (update_.structs.empty() || dice_.one_in(6)) return mutate_deletes();
    switch (dice_.below(4)) {
      case 0: return mutate_section();
      case 1: return mutate_order();
      default: return mutate_struct(dice_.of(update_.structs));
    }
  }

  Buffer together() const {
    Buffer out;
    Writer writer(out);
    writer.varuint(update_.sections.size());
    for (const crdt::Section& section : update_.sections) {
      writer.varuint(section.end - section.begin);
      writer.varuint(clients_.id(section.client));
      writer.varuint(update_.structs[section.begin].clock);
      for (uint32_t i = section.begin; i < section.end; ++i) {
        crdt::write_struct(update_.structs[i], 0, clients_, writer);
      }
    }
    writer.varuint(update_.deletes.size());
    for (const crdt::DeletedRange& range : update_.deletes) {
      writer.varuint(clients_.id(range.client));
      writer.varuint(1);
      writer.varuint(range.clock);
      writer.varuint(range.len);
    }
    return out;
  }

 private:
  void note_ids(const Buffer& bytes) {
    crdt::Update update;
    if (crdt::decode_update(bytes, clients_, update) != Status::ok) return;
    for (const WireStruct& item : update.structs) {
      ids_.push_back({item.client, item.clock + dice_.below(item.len)});
    }
  }

  // Mostly one that is there, or next to it.
  Id some_id() {
    Id id{clients_.intern(dice_.below(8)), dice_.below(20)};
    if (!ids_.empty() && !dice_.one_in(8)) id = dice_.of(ids_);
    if (dice_.one_in(4)) id.clock = other_clock(id.clock);
    return id;
  }
  uint32_t other_clock(uint32_t clock) {
    if (dice_.one_in(16)) return static_cast<uint32_t>(crdt::kMaxClock) - dice_.below(3);
    return clock + dice_.below(5) - std::min(clock, 2U);
  }

  void mutate_struct(WireStruct& item) {
    if (!item.is_item()) {
      item.len = 1 + dice_.below(6);
      return;
    }
    const bool has_origin = (item.info & crdt::kInfoOrigin) != 0;
    const Id id = some_id();
    switch (dice_.below(4)) {
      case 0:  // what it stands behind, or the item it is in
        if (has_origin || item.parent_item) set_left(item, id);
        break;
      case 1: set_right(item, id); break;
      case 2:
        if (has_origin) item.info &= static_cast<uint8_t>(~crdt::kInfoRightOrigin);
        break;
      default:  // a gap, or content that is gone
        item.kind = dice_.one_in(2) ? Kind::skip : Kind::gc;
    }
  }
  static void set_left(WireStruct& item, Id id) {
    item.origin_client = id.client;
    item.origin_clock = id.clock;
  }
  static void set_right(WireStruct& item, Id id) {
    item.info |= crdt::kInfoRightOrigin;
    item.right_client = id.client;
    item.right_clock = id.clock;
  }

  void mutate_section() {
    crdt::Section& section = dice_.of(update_.sections);
    const Id id = some_id();
    if (dice_.one_in(2)) section.client = id.client;
    WireStruct& first = update_.structs[section.begin];
    first.clock = dice_.one_in(2) ? id.clock : other_clock(first.clock);
  }

  void mutate_order() {
    const crdt::Section& section = dice_.of(update_.sections);
    const uint32_t count = section.end - section.begin;
    std::swap(update_.structs[section.begin + dice_.below(count)],
              update_.structs[section.begin + dice_.below(count)]);
  }

  void mutate_deletes() {
    const Id id = some_id();
    crdt::DeleteSet& set = update_.deletes;
    if (set.empty() || !dice_.one_in(3)) {
      return set.add(id.client, id.clock, 1 + dice_.below(dice_.one_in(4) ? 1000 : 4));
    }
    const size_t gone = dice_.below(set.size());
    const crdt::DeleteSet before = std::exchange(set, {});
    for (size_t i = 0; i < before.size(); ++i) {
      const crdt::DeletedRange& range = before.ranges()[i];
      if (i != gone) set.add(range.client, range.clock, range.len);
    }
  }

  Dice dice_;
  ClientTable clients_{0};
  crdt::Update update_;
  std::vector<Id> ids_;
  bool good_ = false;
};

void mutate_order(History& history, Dice& dice) {
  const size_t at = dice.below(history.size());
  const auto place = history.begin() + static_cast<ptrdiff_t>(at);
  switch (dice.below(3)) {
    case 0: std::swap(history[at], dice.of(history)); break;
    case 1: history.erase(place); break;
    default: history.insert(place, Buffer(dice.of(history)));
  }
}

}  // namespace

History read_history(Bytes input) {
  History out;
  for (Reader in(input); in.remaining() > 0 && out.size() < kMaxHistory;) {
    const uint64_t length = in.varuint();
    if (!in.ok()) break;
    const Bytes update = in.take(std::min<uint64_t>(length, in.remaining()));
    out.emplace_back(update.begin(), update.end());
  }
  return out;
}

Buffer write_history(const History& history) {
  Buffer out;
  Writer writer(out);
  for (const Buffer& update : history) writer.bytes(update);
  return out;
}

void mutate(History& history, std::mt19937& random) {
  Dice dice(random);
  if (history.empty()) return;
  if (dice.one_in(4)) return mutate_order(history, dice);
  Buffer& update = dice.of(history);
  Apart apart(history, update, dice);
  if (!apart.good()) return mutate_order(history, dice);
  apart.mutate();
  update = apart.together();
}

}  // namespace freshet::fuzz
