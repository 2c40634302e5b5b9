#include "core/residence/residence.h"

#include <algorithm>
#include <utility>

#include "core/residence/long_update.h"
#include "core/residence/or_retry.h"
#include "core/store/epoch.h"
#include "freshet/store.h"

namespace freshet {
namespace {

// Whose row an update may share. What was re-encoded may be the whole document.
std::optional<uint64_t> writer_of(const freshet_applied& applied) {
  if (applied.whole == 0 || applied.canonical == 0) return std::nullopt;
  if (applied.authors == FRESHET_AUTHORS_NONE) return kOnlyDeletes;
  return applied.authors == FRESHET_AUTHORS_ONE ? std::optional(applied.author) : std::nullopt;
}

// Of a room that nobody has stored anything of. A store that remembers an erased one says what its
// next history is to be called; one that has lost the room has it back as what it `was`.
freshet_epoch epoch_for_new(const RoomServices& services, const std::optional<freshet_epoch>& said,
                            const freshet_epoch& was) {
  freshet_epoch epoch{};
  if (said) return *said;
  if (!same(was, epoch)) return was;
  const auto& platform = services.loop.platform();
  platform.random(platform.self, epoch.bytes, sizeof(epoch.bytes));
  return epoch;
}

Loaded begun(Document document, const freshet_epoch& epoch) {
  History history;
  history.epoch = epoch;
  history.is_new = true;
  return {std::move(document), history};
}

// Of a worker that reads: where it says Status::limit, the budget does not allow it now.
Result<Loaded> noted_if_short(RoomServices& services, Result<Loaded> loaded) {
  if (loaded.status() == Status::limit) services.shortages.note_memory(services.now_ms);
  return loaded;
}

// Of a room that was let go of the store has another history, or none: somebody has ended it, or a
// failover has taken it back, and who has it is to come again with it.
void ask_why_another(RoomServices& services, Residence::Owner& owner, const freshet_epoch& was) {
  if (!services.store.shared()) return owner.on_loaded(Status::conflict);
  const Status asked = if_memory([&] {
    services.store.cluster(
        services.loop.shard(),
        [room = owner.name(), was](const freshet_store& store, freshet_reply reply) {
          store.tail(store.self, to_c(room), was, UINT64_MAX, 0, reply);
        },
        [&owner](Status, const ReplyItems& items) {
          const bool ended = find_item(items, FRESHET_STORE_ENDED) != nullptr;
          owner.on_loaded(ended ? Status::conflict : Status::retry);
        });
    return Status::ok;
  });
  if (asked != Status::ok) owner.on_loaded(asked);
}

Status noted_if_full(RoomServices& services, Status queued) {
  if (queued == Status::limit) services.shortages.note_workers(services.now_ms);
  return queued;
}

}  // namespace

Residence::Residence(RoomServices& services, Owner& owner)
    : services_(services),
      owner_(owner),
      compaction_(services, owner.name(), history_),
      saved_(services.journal) {}

freshet_doc_stats Residence::stats() const {
  return document_ ? document_->stats() : freshet_doc_stats{};
}

Result<StateVector> Residence::state_vector() {
  if (state_vector_.version() == version_) return state_vector_;
  std::vector<uint8_t> bytes;
  FRESHET_CHECK(noted(document_->state_vector(bytes)));
  FRESHET_CHECK(if_memory([&] {
    state_vector_ = StateVector(std::move(bytes), version_, services_.budget);
    return Status::ok;
  }));
  return state_vector_;
}

Status Residence::noted(Status status) {
  if (status == Status::internal) broken_ = true;
  return status;
}

Status Residence::diff(Bytes state_vector, std::vector<uint8_t>& out) {
  return noted(document_->diff(FRESHET_UPDATE_V1, state_vector, out));
}

Result<Bytes> Residence::apply(uint32_t format, Bytes update, freshet_applied& applied) {
  FRESHET_CHECK(document_->make_room(format, update, services_.limits.document_bytes));
  FRESHET_CHECK(noted(document_->apply(format, update, applied)));
  if (applied.canonical != 0) return update;
  services_.metrics.reencoded.add();
  rewritten_.clear();
  FRESHET_CHECK(noted(passed_on(services_.crdt, *document_, format, update, rewritten_)));
  return Bytes(rewritten_);
}

Status Residence::apply_row(Bytes update, freshet_applied& applied) {
  const Status room = document_->make_room(FRESHET_UPDATE_V1, update, SIZE_MAX);
  if (room != Status::ok) {
    services_.shortages.note_memory(services_.now_ms);
    return room;
  }
  const Status status = noted(document_->load(FRESHET_UPDATE_V1, update, applied));
  if (status != Status::ok) {
    broken_ = true;  // the others have it
  } else if (applied.changed != 0) {
    ++version_;
    history_.note_rows(1, update.size());
  }
  return status;
}

Result<Bytes> Residence::apply_early(Bytes update, freshet_applied& applied) {
  FRESHET_TRY(const Bytes passed_on, apply(FRESHET_UPDATE_V1, update, applied));
  if (applied.changed != 0) {
    ++version_;
    saved_.note(services_.journal.mark());
  }
  return passed_on;
}

void Residence::adopt(const freshet_epoch& epoch) {
  history_.epoch = epoch;
  history_.is_new = false;
}

Result<std::vector<uint8_t>> Residence::edit(uint64_t client, Bytes operations) {
  std::vector<uint8_t> update;
  FRESHET_CHECK(
      document_->make_room(FRESHET_UPDATE_V1, operations, services_.limits.document_bytes));
  FRESHET_CHECK(noted(document_->edit(client, operations, update)));
  touch();
  return update;
}

void Residence::keep(Bytes update, std::string_view author, const freshet_applied& applied,
                     uint64_t patience_ns) {
  ++version_;
  saved_.add_unsaved(update.size(), services_.loop.now_ms());
  saved_.note(services_.journal.append(owner_, {.epoch = history_.epoch,
                                                .is_new = history_.is_new,
                                                .author = author,
                                                .writer = writer_of(applied),
                                                .patience_ns = patience_ns,
                                                .update = update}));
}

// Others may have begun the room, and what they wrote is not read yet.
void Residence::keep_first(Bytes update, std::string_view author) {
  ++version_;
  first_row_ = {.on_its_way = true};
  saved_.add_unsaved(update.size(), services_.loop.now_ms());
  saved_.note(services_.journal.append(owner_, {.epoch = history_.epoch,
                                                .is_new = history_.is_new,
                                                .first = history_.last_seq == 0,
                                                .author = author,
                                                .update = update}));
}

Status Residence::note_stored(const Stored& stored) {
  // What others appended may come between; see tail.h.
  const bool good = services_.store.shared() || stored.last_seq == history_.last_seq + stored.rows;
  // What comes behind it may be stored later, in another batch, and says nothing of it.
  first_row_.refused |= first_row_.on_its_way && stored.first_refused;
  if (saved_.own()) first_row_.on_its_way = false;
  saved_.take_unsaved(stored.updates, services_.loop.now_ms());
  if (stored.first_refused && !first_) return Status::ok;  // all of it is read anew
  if (stored.epoch) history_.epoch = *stored.epoch;        // it was there before ours
  history_.is_new = false;
  history_.last_seq = stored.last_seq;
  history_.note_rows(stored.rows, stored.bytes);
  if (!first_) return good ? Status::ok : Status::conflict;
  end_first(stored);
  return Status::ok;
}

// Who else has some of it does the same: what is there twice does no harm.
Status Residence::bring_back(const Left& left) {
  std::vector<uint8_t> all;
  FRESHET_CHECK(diff({}, all));
  history_.is_new = left.nothing;
  history_.epoch = epoch_for_new(services_, left.epoch, history_.epoch);
  history_.last_seq = left.last_seq;
  keep(all);
  saved_.bring_back();
  return Status::ok;
}

void Residence::forget_unsaved() {
  saved_.note(0);
  saved_.forget_lost();
  first_row_.on_its_way = false;
  if (!first_) return;
  first_.reset();
  end_load(Status::retry);
}

// ---- loading

// The owner stays until this has ended.
void Residence::load() {
  const Status asked = if_memory([this] {
    services_.store.load(
        services_.loop.shard(), owner_.name(), [this](Status status, ReplyItems items) {
          // One that was let go of is there.
          if (status == Status::not_found && !let_go_) {
            const ReplyItem* said = find_item(items, FRESHET_STORE_EPOCH);
            history_.epoch = epoch_for_new(
                services_, said == nullptr ? std::nullopt : epoch_of(said->bytes), history_.epoch);
            return begin();
          }
          if (status != Status::ok) return end_load(status);
          // The room's members know more than a failover has left: they are to come again with it.
          if (let_go_ && let_go_rows_.contradicted_by(items)) return end_load(Status::retry);
          const Status queued = services_.workers.run([this, items = std::move(items)] {
            Result<Loaded> loaded = or_retry<Loaded>(
                [&] { return load_history(services_.crdt, services_.budget, items); });
            services_.loop.post([this, loaded = std::move(loaded)]() mutable {
              end_load(noted_if_short(services_, std::move(loaded)));
            });
          });
          if (noted_if_full(services_, queued) != Status::ok) end_load(queued);
        });
    return Status::ok;
  });
  if (asked != Status::ok) end_load(asked);
}

// The store does not know it: an app may.
void Residence::begin() {
  if (!services_.apps.give_initial_storage()) return begin_with({});
  services_.apps.ask_initial_storage(owner_.name(), [this](Status status, ReplyItems items) {
    if (status == Status::not_found) return begin_with({});
    if (status != Status::ok) return end_load(status);
    const auto first = std::ranges::find(items, uint32_t{FRESHET_APP_STATE}, &ReplyItem::kind);
    begin_with(first == items.end() ? std::vector<uint8_t>() : std::move(first->bytes));
  });
}

void Residence::begin_with(std::vector<uint8_t> first) {
  if (first.empty()) {
    Document empty(services_.crdt, &services_.budget);
    if (!empty) return end_load(Status::retry);
    return end_load(begun(std::move(empty), history_.epoch));
  }
  const Status queued = services_.workers.run([this, first = std::move(first)]() mutable {
    Result<Document> document =
        or_retry<Document>([&] { return load_first(services_.crdt, services_.budget, first); });
    services_.loop.post([this, document = std::move(document), first = std::move(first)]() mutable {
      if (!document) return end_load(noted_if_short(services_, document.status()));
      if (first.empty()) return end_load(begun(std::move(*document), history_.epoch));
      store_first(std::move(*document), first);
    });
  });
  if (noted_if_full(services_, queued) != Status::ok) end_load(queued);
}

// Nobody sees it before it is on disk, and no edit waits behind it.
void Residence::store_first(Document document, Bytes state) {
  if (document.stats().memory_bytes > services_.limits.document_bytes) {
    return end_load(Status::too_large);
  }
  history_.is_new = true;
  first_.emplace(std::move(document));
  keep_first(state, {});
}

// Somebody else may have given another: then that is it.
void Residence::end_first(const Stored& stored) {
  Document mine = std::move(*first_);
  first_.reset();
  if (stored.first_refused) return load();
  end_load(Loaded{std::move(mine), history_});
}

void Residence::reload() {
  document_.reset();
  ++version_;
  load();
}

void Residence::end_load(Result<Loaded> loaded) {
  const bool again = std::exchange(let_go_, false);
  if (!loaded) {
    const bool is_gone = again && loaded.status() == Status::not_found;
    if (!is_gone) return owner_.on_loaded(loaded.status());
    return ask_why_another(services_, owner_, history_.epoch);
  }
  const History& history = loaded->history;
  const bool same_rows = history.last_seq == history_.last_seq;
  const bool shared = services_.store.shared();
  const bool same_epoch = same(history.epoch, history_.epoch);
  const bool grown = shared && history.last_seq > history_.last_seq;
  // The room's members know another history, or more of this one than a failover has left: then
  // they are to come again with it.
  if (again && !same_epoch) return ask_why_another(services_, owner_, history_.epoch);
  if (again && !same_rows && !grown) {
    return owner_.on_loaded(shared ? Status::retry : Status::conflict);
  }
  document_.emplace(std::move(loaded->document));
  history_ = history;
  if (!again || !same_rows) ++version_;  // else it is what it was
  touch();
  owner_.on_loaded(Status::ok);
}

// ---- elsewhere

bool Residence::may_let_go(uint64_t after_ms) const {
  if (services_.now_ms - touched_ms_ < after_ms) return false;
  return !history_.is_new && saved_.all() && at_rest();
}

Status Residence::let_go(const RowMarks& rows, uint64_t through) {
  const Result<StateVector> kept = state_vector();  // for readers that fall behind meanwhile
  if (!kept) return kept.status();
  services_.metrics.hibernations.add();
  document_.reset();
  let_go_ = true;
  let_go_rows_ = rows;
  history_.last_seq = std::max(history_.last_seq, through);
  return Status::ok;
}

Status Residence::lend(std::unique_ptr<LongUpdate> work) {
  const Result<StateVector> kept = state_vector();  // for readers that fall behind meanwhile
  if (!kept) return kept.status();
  away_ = std::move(work);
  away_->document.swap(document_);
  const Status queued = services_.workers.run([this, going = away_.get()] {
    going->apply(services_.crdt, services_.limits.document_bytes);
    services_.loop.post([this] { owner_.on_worked(std::move(away_)); });
  });
  if (noted_if_full(services_, queued) == Status::ok) return queued;
  away_->document.swap(document_);
  away_.reset();
  return queued;
}

void Residence::take_back(LongUpdate& work) {
  document_.swap(work.document);
  const bool changed = work.status == Status::ok && work.applied.changed != 0;
  if (work.kind == LongUpdate::Kind::others && changed) {
    ++version_;
    history_.note_rows(1, work.bytes.size());
  }
  static_cast<void>(noted(work.status));
}

// ---- now and then

void Residence::compact_if_due() {
  if (compaction_.due()) compaction_.start(stats().memory_bytes);
}

void Residence::tick() {
  if (!document_) return;
  full_ = document_->stats().memory_bytes > services_.limits.document_bytes;
  release_memory(rewritten_);
  document_->settle();
}

}  // namespace freshet
