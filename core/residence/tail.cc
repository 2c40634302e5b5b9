#include "core/residence/tail.h"

#include <algorithm>
#include <utility>

#include "core/residence/limits.h"
#include "core/store/epoch.h"
#include "freshet/abi/close.h"
#include "freshet/sink.h"
#include "freshet/store.h"

namespace freshet {
namespace {

constexpr std::string_view kUntold = "what others wrote could not be told: come again";

bool is_row(const ReplyItem& item) {
  return item.kind == FRESHET_STORE_UPDATE || item.kind == FRESHET_STORE_SNAPSHOT;
}

RowMarks::Row mark_of(uint64_t seq, const RowWriter& writer) {
  return {seq, writer.by, writer.number, writer.number};
}

RowMarks::Row mark_of(const freshet_writer& by, const bus::Stored& stored) {
  return {stored.last_seq, by, stored.first_number, stored.last_number};
}

}  // namespace

// ---- where it is

void Tail::begin() {
  const uint64_t last_seq = residence_.history().last_seq;
  const bool grown = std::exchange(loads_again_, false) && last_seq > log_.through();
  const StateVector known = std::exchange(known_by_people_, StateVector());
  log_.begin(last_seq);
  marks_.clear();
  if (const auto& writer = residence_.history().last_writer) {
    marks_.note(mark_of(last_seq, *writer));
  }
  known_ = std::max(last_seq, std::exchange(known_after_, 0));
  doubted_ = unsure_ = false;
  grown_ms_ = services_.now_ms;
  lost_.reset();
  notes_.clear();
  forget_unread();
  if (!grown) return;
  std::vector<uint8_t> news;
  if (residence_.diff(known.bytes(), news) != Status::ok) {
    return owner_.close(FRESHET_CLOSE_INTERNAL, kUntold);
  }
  freshet_applied applied{};
  applied.changed = applied.canonical = applied.whole = 1;
  applied.authors = FRESHET_AUTHORS_UNKNOWN;
  hearer_.tell_others(news, {}, applied);
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
  log_.begin(0);
  marks_.clear();
  known_ = 0;
}

void Tail::note_appended(const Stored& stored) {
  if (stored.rows > 0) {
    const uint64_t before = stored.last_seq - stored.rows;
    const RowMarks::Row last = {stored.last_seq, stored.by, stored.first_number,
                                stored.last_number};
    // What is written now has the places of rows that were had, or comes behind another.
    if (marks_.contradict(before + 1, last) ||
        (stored.before && marks_.contradict(mark_of(before, *stored.before)))) {
      lost_ = {false, residence_.history().epoch, stored.last_seq};
    }
    // One that this node has already is told late, or has the place of one that is lost.
    const bool is_had = stored.last_seq <= log_.through() && !marks_.has(stored.last_seq);
    if (is_had) doubted_ = true;
    note_rows(before + 1, last);
  }
  known_ = std::max(known_, stored.last_seq);
  early_.note_saved();
}

void Tail::note_refused() {
  residence_.saved().lose_unsaved();
  doubted_ = true;
}

// In doubt nothing is added to what is read: it would hide from where on that may be another's.
void Tail::note_rows(uint64_t first_seq, const RowMarks::Row& last) {
  note_row(last);
  if (doubted_) return;
  log_.add(first_seq, last.seq);
  grown_ms_ = services_.now_ms;
}

void Tail::note_row(const RowMarks::Row& row) {
  if (marks_.contradict(row)) doubted_ = true;
  marks_.note(row);
}

// Only what is young is lost with a database.
void Tail::doubt_last_rows() { unsure_ |= services_.now_ms - grown_ms_ < kYoungMs; }

// False: it is another history, or nobody has stored anything.
bool Tail::note_epoch(const std::optional<freshet_epoch>& epoch) {
  if (residence_.history().is_new) {
    if (!epoch) return false;
    residence_.adopt(*epoch);
  }
  if (epoch && same(*epoch, residence_.history().epoch)) return true;
  doubted_ = true;
  return false;
}

void Tail::note_end(const LogEnd& end) {
  if (residence_.saved().is_to_be_brought_back()) doubted_ = true;
  if (!note_epoch(end.epoch)) return;
  // It may have been said before this node's last append, and come after: what is read decides.
  if (end.last_seq < log_.through()) doubted_ = true;
  known_ = std::max(known_, end.last_seq);
  if (end.last_seq != log_.through()) return;
  if (end.writer) note_row(mark_of(end.last_seq, *end.writer));
  doubted_ |= std::exchange(unsure_, false);
}

// ---- what is heard

void Tail::hear(const freshet_writer& by, const bus::Stored& stored) {
  if (!note_epoch(stored.epoch)) return;
  known_ = std::max(known_, stored.last_seq);
  // What is read decides whether these are in the places of others, or come behind one that is.
  if (marks_.contradict(stored.first_seq, mark_of(by, stored)) ||
      (stored.before && marks_.contradict(mark_of(stored.first_seq - 1, *stored.before)))) {
    doubted_ = true;
  }
  if (doubted_) return;
  if (!stored.all_said) {
    unheard_ = true;
    early_.settle(by, stored.first_number, stored.last_number);
    return;
  }
  if (notes_.size() == kMostNotes) notes_.erase(notes_.begin());
  notes_.push_back({by, stored});
  match_notes();
}

void Tail::hear(const freshet_writer& by, const bus::Edit& edit) {
  const History& history = residence_.history();
  const bool goes_on = edit.epoch ? !history.is_new && note_epoch(edit.epoch) : history.is_new;
  // What would hold up the shard is read when it is stored, and then applied elsewhere.
  if (!goes_on || edit.update.size() > services_.limits.turn_bytes) return;
  freshet_applied applied{};
  const Result<Bytes> taken = early_.take(by, edit, applied);
  if (!taken) return;
  took_early_ = true;
  if (applied.changed != 0) {
    residence_.touch();
    hearer_.tell_others(*taken, {edit.client, to_c(edit.user), 0}, applied);
  }
  match_notes();
}

// Of which commits all is here now.
void Tail::match_notes() {
  if (doubted_) return;
  std::erase_if(notes_, [this](const Note& note) {
    const auto& [by, stored] = note;
    const bool is_read = stored.last_seq <= log_.through();
    if (!is_read && !early_.has_all(by, stored)) return false;
    early_.settle(by, stored.first_number, stored.last_number);
    if (is_read) return true;
    note_rows(stored.first_seq, mark_of(by, stored));
    return true;
  });
}

// Nobody who waits is to wait for a node that may be no more. While this one cannot store anything
// either, it is no sign.
void Tail::store_early() {
  if (early_.empty()) {
    // Nobody says so when the journal has passed the place that an edit of others had in it.
    took_early_ = took_early_ && residence_.saved().is_awaited();
    if (took_early_) look_again();
    return;
  }
  if (services_.journal.failing()) return;
  const uint64_t now_ms = services_.loop.now_ms();
  const uint64_t within_ms =
      residence_.saved().is_awaited() ? kStoredWithinWaitedForMs : kStoredWithinMs;
  // Where commits take long, those of other nodes do, too, and an edit may wait for the one before
  // its own: they are not helped by more of them.
  const uint64_t patience_ms = std::max(within_ms, 3 * services_.journal.commit_ms());
  early_.store_old(now_ms - std::min(now_ms, patience_ms));
  if (!early_.empty()) look_again();
}

void Tail::look_again() {
  if (std::exchange(looks_again_, true)) return;
  services_.loop.after(
      kLookAgainMs,
      [](void* self) {
        auto& tail = *static_cast<Tail*>(self);
        const OnShard here(tail.services_.loop.shard());
        tail.looks_again_ = false;
        tail.owner_.on_tail();
      },
      this);
}

// ---- reading

// What is missing may be on its way here.
void Tail::read_in_time() {
  if (!services_.store.shared() || !behind()) {
    behind_since_ms_ = 0;
    unheard_ = false;
    return;
  }
  if (reading_) return;
  const uint64_t now_ms = services_.loop.now_ms();
  if (behind_since_ms_ == 0) behind_since_ms_ = now_ms;
  const bool hears = services_.bus.there() && !doubted_ && !unheard_;
  if (hears && now_ms - behind_since_ms_ < kHearWithinMs) return look_again();
  read();
}

void Tail::read() {
  reading_ = true;
  asked_of_ = residence_.history().epoch;
  asked_ = log_.through();
  const uint64_t after = read_from();
  looked_back_ = after < asked_;
  const Status asked = if_memory([this, after] {
    services_.store.cluster(
        services_.loop.shard(),
        [room = room_, epoch = asked_of_, after](const freshet_store& store, freshet_reply reply) {
          store.tail(store.self, to_c(room), epoch, after, kTailBytes, reply);
        },
        [this](Status status, ReplyItems items) { end_read(status, std::move(items)); });
    return Status::ok;
  });
  if (asked != Status::ok) reading_ = false;
}

// The last row that is had is read again: it may be another one now. So may those before it where
// that one is as it was, which a writer has written once more: they are looked at too when there is
// a reason.
uint64_t Tail::read_from() {
  if (std::exchange(only_looked_back_, false)) return asked_;
  if (doubted_ || unsure_) return std::min(asked_, marks_.before_first(asked_));
  return marks_.has(asked_) ? asked_ - 1 : asked_;
}

// What fails is tried again with the next tick.
void Tail::end_read(Status status, ReplyItems items) {
  reading_ = false;
  // This node has heard meanwhile what it is called.
  const bool same_history = same(asked_of_, residence_.history().epoch);
  if (status == Status::conflict || status == Status::not_found) {
    return same_history ? end_read_of_another(status, items) : owner_.on_tail();
  }
  const ReplyItem* end = status == Status::ok ? find_item(items, FRESHET_STORE_LAST_SEQ) : nullptr;
  if (end == nullptr) return;
  behind_since_ms_ = 0;
  // In a snapshot it cannot be seen any more whose they are.
  const bool hidden =
      (doubted_ || unsure_) && looked_back_ && find_item(items, FRESHET_STORE_SNAPSHOT) != nullptr;
  doubted_ = unsure_ = false;
  const bool lost = end->number < asked_ || hidden || marks_.contradicted_by(items);
  if (same_history && (lost || residence_.saved().is_to_be_brought_back())) {
    lost_ = {false, asked_of_, end->number};
    return owner_.on_tail();
  }
  known_ = end->number;
  const auto is_news = [&](const ReplyItem& item) { return is_row(item) && item.number > asked_; };
  only_looked_back_ = looked_back_ && known_ > asked_ && std::ranges::none_of(items, is_news);
  unread_ = std::move(items);
  // What did not fit into this answer is read at once.
  unheard_ = std::ranges::none_of(
      unread_, [&](const ReplyItem& item) { return is_row(item) && item.number == known_; });
  next_ = 0;
  owner_.on_tail();
}

// The room goes on under another name, or there is none. Where nobody has ended its history, a
// failover took back how it began.
void Tail::end_read_of_another(Status status, const ReplyItems& items) {
  const ReplyItem* item = find_item(items, FRESHET_STORE_EPOCH);
  const auto epoch = item == nullptr ? std::nullopt : epoch_of(item->bytes);
  const bool is_new = residence_.history().is_new;
  const bool nothing = status == Status::not_found;
  doubted_ = false;
  if (find_item(items, FRESHET_STORE_ENDED) != nullptr || (is_new && nothing && epoch)) {
    early_.forget();
    return owner_.close(FRESHET_CLOSE_REPLACED, "the room's history was replaced");
  }
  // It was begun while this node was told that there is nothing.
  if (is_new && epoch) residence_.adopt(*epoch);
  if (!is_new || residence_.saved().is_to_be_brought_back()) lost_ = {nothing, epoch, 0};
  owner_.on_tail();
}

// What this node has is stored once more, and all that others have is read.
void Tail::bring_back() {
  const Residence::Left left = *std::exchange(lost_, std::nullopt);
  if (residence_.bring_back(left) != Status::ok) {
    lost_ = left;
    later_ = true;
    return services_.shortages.note_memory(services_.now_ms);
  }
  services_.metrics.brought_back.add();
  services_.log.warn("room", "the store has lost some of room \"" + room_ +
                                 "\", as a database does that fails over to a copy which lags "
                                 "behind: what is here is stored once more");
  log_.begin(0);
  marks_.clear();
  notes_.clear();
  forget_unread();
  known_ = left.nothing ? 0 : std::max<uint64_t>(left.last_seq, 1);
}

void Tail::forget_unread() {
  release_memory(unread_);
  next_ = 0;
}

// The next row, or snapshot of rows, that the document lacks. Null: none is at hand.
const ReplyItem* Tail::next() {
  for (; next_ < unread_.size(); ++next_) {
    const ReplyItem& item = unread_[next_];
    if (!is_row(item)) continue;
    const bool snapshot = item.kind == FRESHET_STORE_SNAPSHOT;
    if (item.number <= log_.through()) {
      settle_writer_of_row();
      continue;
    }
    if (snapshot || item.number == log_.through() + 1) return &item;
    break;  // a gap: what is missing is read once more
  }
  forget_unread();
  return nullptr;
}

// ---- taking

Tail::Work Tail::go_on() {
  store_early();
  if (later_) return nullptr;
  if (lost_) bring_back();
  while (const ReplyItem* row = next()) {
    if (row->bytes.size() > services_.limits.turn_bytes) {
      LongUpdate work{.kind = LongUpdate::Kind::others, .format = FRESHET_UPDATE_V1};
      work.bytes = row->bytes;
      work.copied = Share(&services_.budget);
      work.copied.hold_anyway(work.bytes.size());
      return std::make_unique<LongUpdate>(std::move(work));
    }
    if (take(*row) != Status::ok) return nullptr;
    end_row();
  }
  match_notes();
  read_in_time();
  return nullptr;
}

Status Tail::take(const ReplyItem& row) {
  freshet_applied applied{};
  FRESHET_CHECK(residence_.apply_row(row.bytes, applied));
  if (applied.changed != 0) hearer_.tell_others(row.bytes, {}, applied);
  return Status::ok;
}

void Tail::finish(const LongUpdate& row) {
  if (next_ == unread_.size()) return;
  if (row.status != Status::ok) {
    later_ = true;  // there is no memory for it now
    return services_.shortages.note_memory(services_.now_ms);
  }
  end_row();
  if (row.applied.changed != 0) hearer_.tell_others(row.bytes, {}, row.applied);
}

// It is in the document.
void Tail::end_row() {
  const uint64_t seq = unread_[next_].number;
  if (const auto writer = writer_of_row(unread_, next_)) note_row(mark_of(seq, *writer));
  if (unread_[next_].kind == FRESHET_STORE_SNAPSHOT) {
    log_.skip_to(seq);
  } else {
    log_.add(seq, seq);
  }
  settle_writer_of_row();
  ++next_;
}

void Tail::settle_writer_of_row() {
  const auto writer = writer_of_row(unread_, next_);
  if (writer) early_.settle(writer->by, 0, writer->number);
}

}  // namespace freshet
