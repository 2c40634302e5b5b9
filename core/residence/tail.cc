#include "core/residence/tail.h"

#include <algorithm>
#include <utility>

#include "core/residence/limits.h"
#include "freshet/abi/close.h"
#include "freshet/sink.h"
#include "freshet/store.h"

namespace freshet {
namespace {

constexpr std::string_view kReplaced = "the room's history was replaced";
constexpr std::string_view kUntold = "what others wrote could not be told: come again";
constexpr std::string_view kLost = "the store has lost some of the room: bring what is missing";

}  // namespace

// ---- where it is

void Tail::begin() {
  const uint64_t last_seq = residence_.history().last_seq;
  const bool grown = std::exchange(loads_again_, false) && last_seq > seen_;
  const StateVector known = std::exchange(known_by_people_, StateVector());
  seen_ = last_seq;
  known_ = last_seq;
  doubted_ = false;
  forget_unread();
  if (!grown) return;
  std::vector<uint8_t> news;
  if (residence_.diff(known.bytes(), news) != Status::ok) {
    return owner_.close(FRESHET_CLOSE_INTERNAL, kUntold);
  }
  freshet_applied applied{};
  applied.changed = applied.canonical = applied.whole = 1;
  applied.authors = FRESHET_AUTHORS_UNKNOWN;
  hearer_.tell_others(news, applied);
}

void Tail::sleep() {
  const Result<StateVector> here = residence_.state_vector();
  if (!here) return;
  known_by_people_ = *here;
  loads_again_ = true;
}

void Tail::start_over() {
  known_by_people_ = StateVector();
  loads_again_ = true;
  seen_ = known_ = 0;
}

void Tail::note_appended(const Stored& stored) {
  if (stored.last_seq == seen_ + stored.rows) seen_ = stored.last_seq;
  known_ = std::max(known_, stored.last_seq);
}

void Tail::note_end(const std::optional<freshet_epoch>& epoch, uint64_t last_seq) {
  if (residence_.history().is_new) {
    if (!epoch) return;  // nobody has stored anything
    residence_.adopt(*epoch);
  }
  // It may have been said before this node's last append, and come after: what is read decides.
  const bool is_same = epoch && same(*epoch, residence_.history().epoch);
  doubted_ = !is_same || last_seq < seen_;
  if (is_same) known_ = std::max(known_, last_seq);
}

// ---- reading

void Tail::read() {
  reading_ = true;
  asked_ = seen_;
  const Status asked = if_memory([this] {
    services_.store.cluster(
        services_.loop.shard(),
        [room = room_, epoch = residence_.history().epoch, after = seen_](
            const freshet_store& store, freshet_reply reply) {
          store.tail(store.self, to_c(room), epoch, after, kTailBytes, reply);
        },
        [this](Status status, ReplyItems items) { end_read(status, std::move(items)); });
    return Status::ok;
  });
  if (asked != Status::ok) reading_ = false;
}

// What fails is tried again with the next tick.
void Tail::end_read(Status status, ReplyItems items) {
  reading_ = false;
  if (status == Status::conflict || status == Status::not_found) {
    return owner_.close(FRESHET_CLOSE_REPLACED, kReplaced);
  }
  const ReplyItem* end = status == Status::ok ? find_item(items, FRESHET_STORE_LAST_SEQ) : nullptr;
  if (end == nullptr) return;
  // A failover took back what this node was told is there. Those who are here have it: they come
  // again, and the room is read anew.
  if (end->number < asked_) return owner_.close(FRESHET_CLOSE_INTERNAL, kLost);
  doubted_ = false;
  known_ = end->number;
  unread_ = std::move(items);
  next_ = 0;
  owner_.on_tail();
}

void Tail::forget_unread() {
  release_memory(unread_);
  next_ = 0;
}

// The next row, or snapshot of rows, that the document lacks. Null: none is at hand.
const ReplyItem* Tail::next() {
  for (; next_ < unread_.size(); ++next_) {
    const ReplyItem& item = unread_[next_];
    const bool snapshot = item.kind == FRESHET_STORE_SNAPSHOT;
    if ((!snapshot && item.kind != FRESHET_STORE_UPDATE) || item.number <= seen_) continue;
    if (snapshot || item.number == seen_ + 1) return &item;
    break;  // a gap: what is missing is read once more
  }
  forget_unread();
  return nullptr;
}

// ---- taking

Tail::Work Tail::go_on() {
  if (later_) return nullptr;
  while (const ReplyItem* row = next()) {
    if (row->bytes.size() > services_.limits.turn_bytes) {
      LongUpdate work{.kind = LongUpdate::Kind::others, .format = FRESHET_UPDATE_V1};
      work.bytes = row->bytes;
      work.copied = Share(&services_.budget);
      work.copied.hold_anyway(work.bytes.size());
      return std::make_unique<LongUpdate>(std::move(work));
    }
    if (take(*row) != Status::ok) return nullptr;
    seen_ = row->number;
    ++next_;
  }
  if (services_.store.shared() && behind() && !reading_) read();
  return nullptr;
}

Status Tail::take(const ReplyItem& row) {
  freshet_applied applied{};
  FRESHET_CHECK(residence_.apply_row(row.bytes, applied));
  if (applied.changed != 0) hearer_.tell_others(row.bytes, applied);
  return Status::ok;
}

void Tail::finish(const LongUpdate& row) {
  if (next_ == unread_.size()) return;
  if (row.status != Status::ok) {
    later_ = true;  // there is no memory for it now
    return services_.shortages.note_memory(services_.now_ms);
  }
  seen_ = unread_[next_++].number;
  if (row.applied.changed != 0) hearer_.tell_others(row.bytes, row.applied);
}

}  // namespace freshet
