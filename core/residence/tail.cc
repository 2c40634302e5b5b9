#include "core/residence/tail.h"

#include <algorithm>
#include <utility>

#include "freshet/abi/close.h"
#include "freshet/store.h"

namespace freshet {
namespace {

// Read at once: about what one turn of the shard should apply.
constexpr uint64_t kTailBytes = uint64_t{256} << 10;

constexpr std::string_view kReplaced = "the room's history was replaced";
constexpr std::string_view kLost = "the store has lost some of the room: bring what is missing";

}  // namespace

// ---- where it is

void Tail::begin() {
  const uint64_t last_seq = residence_.history().last_seq;
  const bool grown = slept_ && last_seq > seen_;
  const std::optional<StateVector> slept = std::exchange(slept_, std::nullopt);
  seen_ = last_seq;
  known_ = std::max(known_, last_seq);
  forget_unread();
  std::vector<uint8_t> news;
  if (!grown || residence_.diff(slept->bytes(), news) != Status::ok) return;
  freshet_applied applied{};
  applied.changed = applied.canonical = applied.whole = 1;
  applied.authors = FRESHET_AUTHORS_UNKNOWN;
  hearer_.tell_others(news, applied);
}

void Tail::sleep() {
  const Result<StateVector> here = residence_.state_vector();
  if (here) slept_ = *here;
}

void Tail::note_appended(const Stored& stored) {
  if (stored.last_seq == seen_ + stored.rows) seen_ = stored.last_seq;
  known_ = std::max(known_, stored.last_seq);
}

void Tail::note_end(const std::optional<freshet_epoch>& epoch, uint64_t last_seq) {
  if (!epoch || !same(*epoch, residence_.history().epoch)) {
    if (!residence_.history().is_new) return owner_.close(FRESHET_CLOSE_REPLACED, kReplaced);
    if (!epoch) return;  // nobody has stored anything
    residence_.adopt(*epoch);
  }
  known_ = std::max(known_, last_seq);
  // Or it was said before this node's last append, and came after.
  doubted_ = last_seq < seen_;
}

// ---- reading

void Tail::read() {
  reading_ = true;
  doubted_ = false;
  asked_ = seen_;
  services_.store.cluster(
      services_.loop.shard(),
      [room = room_, epoch = residence_.history().epoch, after = seen_](const freshet_store& store,
                                                                        freshet_reply reply) {
        store.tail(store.self, to_c(room), epoch, after, kTailBytes, reply);
      },
      [this](Status status, ReplyItems items) { end_read(status, std::move(items)); });
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
  while (const ReplyItem* row = next()) {
    if (row->bytes.size() > services_.limits.turn_bytes) {
      LongUpdate work{.kind = LongUpdate::Kind::others, .format = FRESHET_UPDATE_V1};
      work.bytes = row->bytes;
      return std::make_unique<LongUpdate>(std::move(work));
    }
    if (take(*row) != Status::ok) return nullptr;
    seen_ = row->number;
    ++next_;
  }
  if (services_.store.shared() && (behind() || doubted_) && !reading_) read();
  return nullptr;
}

Status Tail::take(const ReplyItem& row) {
  freshet_applied applied{};
  FRESHET_CHECK(residence_.apply_row(row.bytes, applied));
  if (applied.changed != 0) hearer_.tell_others(row.bytes, applied);
  return Status::ok;
}

void Tail::finish(const LongUpdate& row) {
  if (row.status != Status::ok || next_ == unread_.size()) return;
  seen_ = unread_[next_++].number;
  if (row.applied.changed != 0) hearer_.tell_others(row.bytes, row.applied);
}

}  // namespace freshet
