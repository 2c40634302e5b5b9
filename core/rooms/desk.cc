#include "core/rooms/desk.h"

#include <utility>

namespace freshet {

// ---- updates

bool Desk::may_take(Member& from, Bytes update, uint64_t ticket) {
  if (!from.may_write) {
    refusals_.drop_update(from, ticket, Status::denied);
    return false;
  }
  if (update.size() > services_.limits.update_bytes) {
    refusals_.reject_oversized(from, ticket, update.size());
    return false;
  }
  if (residence_.full() || from.left_out) {
    refusals_.drop_update(from, ticket, Status::limit);
    return false;
  }
  if (much_is_unsaved()) {
    refusals_.reject_update(from, Status::limit, ticket);
    return false;
  }
  return true;
}

bool Desk::much_is_unsaved() const {
  const size_t unsaved_bytes =
      services_.journal.unsaved_bytes() + services_.early_bytes + audience_.held_bytes();
  return unsaved_bytes > services_.unsaved_limit_bytes;
}

bool Desk::acknowledge_if_given(Member& from, const Submission::Update& s) {
  if (!from.may_write || !audience_.was_just_given(s.format, s.bytes)) return false;
  residence_.touch();
  services_.metrics.duplicates.add();
  audience_.acknowledge(from, s.bytes, s.ticket);
  return true;
}

Desk::Work Desk::update(Member& from, const Submission::Update& s) {
  if (too_long(s.bytes)) {
    LongUpdate work{.kind = LongUpdate::Kind::update, .format = s.format, .ticket = s.ticket};
    return for_worker(from, std::move(work), s.bytes);
  }
  freshet_applied applied{};
  const Result<Bytes> bytes = residence_.apply(s.format, s.bytes, applied);
  if (!bytes) {
    refusals_.refuse_update(from, s.ticket, bytes.status());
  } else if (applied.changed == 0) {
    take_known(&from, *bytes, s.ticket, applied);
  } else {
    take(&from, author_of(from.spec), *bytes, s.ticket, applied);
  }
  return nullptr;
}

// `from` is null if its session has ended meanwhile, or no client of the room wrote it.
void Desk::take(Member* from, const Author& author, Bytes update, uint64_t ticket,
                const freshet_applied& applied) {
  residence_.keep(update, author.user_id, applied, audience_.patience_ns());
  if (others_ != nullptr) say_early(author, update);
  tell(from, author, update, ticket, applied);
}

// To other nodes, before it is saved.
void Desk::say_early(const Author& author, Bytes update) {
  const History& history = residence_.history();
  bus::Edit edit{.number = residence_.saved().position(),
                 .client = author.source.client,
                 .user = view(author.source.user),
                 .user_id = author.user_id,
                 .update = update};
  if (!history.is_new) edit.epoch = history.epoch;
  others_->say_early(edit);
}

void Desk::tell(Member* from, const Author& author, Bytes update, uint64_t ticket,
                const freshet_applied& applied) {
  services_.metrics.updates.add();
  apps_.note_change(author.source);
  // An app that was told that a session has ended hears no more of it.
  if (from != nullptr) apps_.tell_message(FRESHET_MESSAGE_UPDATE, author.source, "", update);
  const MemberId session = from == nullptr ? 0 : from->spec.id;
  audience_.send_update({update, author.source, session, applied}, from, ticket);
  refusals_.note_contradiction(from, applied);
  residence_.compact_if_due();
}

// An update that changed nothing. One that contradicts what is here is not known, but lost: nobody
// is told that it is saved.
void Desk::take_known(Member* from, Bytes update, uint64_t ticket, const freshet_applied& applied) {
  if (applied.contradicts != 0) return refusals_.note_contradiction(from, applied);
  services_.metrics.duplicates.add();
  if (from != nullptr) audience_.acknowledge(*from, update, ticket);
}

Status Desk::edit(const Author& by, std::string_view operations) {
  if (operations.empty()) return Status::ok;
  if (residence_.full() || much_is_unsaved()) return Status::limit;
  FRESHET_TRY(const std::vector<uint8_t> update,
              residence_.edit(own_client(), as_bytes(operations)));
  if (update.empty()) return Status::ok;
  freshet_applied applied{};
  applied.authors = FRESHET_AUTHORS_ONE;
  applied.author = own_client_;
  applied.whole = applied.canonical = 1;
  take(nullptr, by, update, 0, applied);
  return Status::ok;
}

uint32_t Desk::own_client() {
  if (own_client_ == 0) {
    const auto& platform = services_.loop.platform();
    platform.random(platform.self, reinterpret_cast<uint8_t*>(&own_client_), sizeof(own_client_));
  }
  return own_client_;
}

// What it wrote before it might leaves no gap any more, as its wire asks for all of it again.
void Desk::renew(Member& from, const Submission::Renewal& s) {
  if (s.may_write && !from.may_write) from.left_out = false;
  from.may_write = s.may_write;
}

// ---- what the document holds

Desk::Work Desk::diff(Member& from, const Submission::DiffQuery& query) {
  return answer_diff(from, query.state_vector, 0);
}

// Of a large document it may take long to write, too: an item is a few bytes at least.
Desk::Work Desk::answer_diff(Member& to, Bytes state_vector, uint8_t document) {
  const Result<bool> sent = audience_.send_first_state(to, state_vector, document);
  if (!sent) refusals_.reject(to, sent.status());
  if (!sent || *sent) return nullptr;
  const bool at_hand = audience_.has_diff(to, FRESHET_DIFF, state_vector, document);
  if (!at_hand && residence_.stats().items > services_.limits.turn_bytes) {
    LongUpdate work{.kind = LongUpdate::Kind::diff, .opened = document};
    return for_worker(to, std::move(work), state_vector);
  }
  const Status status = audience_.send_diff(to, FRESHET_DIFF, state_vector, document);
  if (status != Status::ok) refusals_.reject(to, status);
  return nullptr;
}

Desk::Work Desk::open(Member& from, const Submission::Open& s) {
  const Result<StateVector> here = residence_.state_vector();
  if (!here) {
    refusals_.reject(from, here.status());
    return nullptr;
  }
  const bool begins = !s.seed.empty() && !here->has_content() && from.may_write;
  if (!begins) {
    const bool empty = s.seed.empty() && !here->has_content();
    return answer_open(from, empty ? FRESHET_DOCUMENT_EMPTY : FRESHET_DOCUMENT_KEPT);
  }
  if (!may_take(from, s.seed, 0)) return nullptr;
  if (too_long(s.seed)) {
    LongUpdate work{.kind = LongUpdate::Kind::seed, .format = s.format};
    return for_worker(from, std::move(work), s.seed);
  }
  if (const Status status = seed(from, s); status != Status::ok) {
    refusals_.refuse_update(from, 0, status);
    return nullptr;
  }
  return seeds() ? nullptr : answer_open(from, FRESHET_DOCUMENT_SEEDED);
}

Status Desk::seed(Member& from, const Submission::Open& s) {
  freshet_applied applied{};
  FRESHET_TRY(const Bytes bytes, residence_.apply(s.format, s.seed, applied));
  if (applied.changed != 0) begin_seed(from.spec.id, author_of(from.spec), bytes, applied);
  return Status::ok;
}

void Desk::begin_seed(MemberId from, const Author& author, Bytes update,
                      const freshet_applied& applied) {
  auto seed = std::make_unique<Seed>();
  seed->from = from;
  seed->client = author.source.client;
  seed->user = view(author.source.user);
  seed->user_id = author.user_id;
  seed->bytes.assign(update.begin(), update.end());
  seed->applied = applied;
  seed->copied = Share(&services_.budget);
  seed->copied.hold_anyway(seed->bytes.size());
  residence_.keep_first(update, author.user_id);
  seed_ = std::move(seed);
}

Desk::Work Desk::end_seed() {
  const std::unique_ptr<Seed> seed = std::move(seed_);
  Member* from = members_.find(seed->from);
  const Author author{{seed->client, to_c(std::string_view(seed->user)), 0}, seed->user_id};
  tell(from, author, seed->bytes, 0, seed->applied);
  return from == nullptr ? nullptr : answer_open(*from, FRESHET_DOCUMENT_SEEDED);
}

MemberId Desk::drop_seed() {
  const std::unique_ptr<Seed> seed = std::move(seed_);
  return seed == nullptr ? 0 : seed->from;
}

Desk::Work Desk::answer_open(Member& from, uint8_t document) {
  const Result<StateVector> opened = residence_.state_vector();
  if (!opened) {
    refusals_.reject(from, opened.status());
    return nullptr;
  }
  from.opened = *opened;
  return answer_diff(from, {}, document);
}

void Desk::follow(Member& from, const Submission::Follow& s) {
  const bool starts = (s.wants & ~from.wants & FRESHET_WANT_UPDATES) != 0;
  from.wants |= s.wants;
  if (!starts) return;
  const Status status = audience_.begin_behind(from, std::exchange(from.opened, {}));
  if (status != Status::ok) refusals_.reject(from, status);
}

// ---- on a worker

Desk::Work Desk::for_worker(Member& from, LongUpdate work, Bytes bytes) {
  work.copied = Share(&services_.budget);
  const Status copied = if_memory([&] {
    work.bytes.assign(bytes.begin(), bytes.end());
    return work.copied.hold(bytes.size()) ? Status::ok : Status::retry;
  });
  if (copied != Status::ok) {
    refusals_.reject(from, copied);
    return nullptr;
  }
  if (work.kind != LongUpdate::Kind::diff) services_.metrics.long_updates.add();
  work.from = from.spec.id;
  work.client = from.spec.client;
  work.user = from.spec.user;
  work.user_id = from.spec.user_id;
  return std::make_unique<LongUpdate>(std::move(work));
}

Desk::Work Desk::finish(LongUpdate& done) {
  Member* from = members_.find(done.from);
  if (done.kind != LongUpdate::Kind::diff) return finish_update(done, from);
  finish_diff(done, from);
  return nullptr;
}

Desk::Work Desk::finish_update(const LongUpdate& done, Member* from) {
  if (done.status != Status::ok) {
    if (from != nullptr) refusals_.refuse_update(*from, done.ticket, done.status);
    return nullptr;
  }
  const bool odd = done.applied.canonical == 0;
  if (odd) services_.metrics.reencoded.add();
  const Bytes bytes = odd ? Bytes(done.rewritten) : Bytes(done.bytes);
  const bool begins = done.kind == LongUpdate::Kind::seed;
  if (done.applied.changed == 0) {
    take_known(begins ? nullptr : from, bytes, done.ticket, done.applied);
    return from != nullptr && begins ? answer_open(*from, FRESHET_DOCUMENT_SEEDED) : nullptr;
  }
  const Author author{{done.client, to_c(std::string_view(done.user)), 0}, done.user_id};
  if (begins) {
    begin_seed(done.from, author, bytes, done.applied);
  } else {
    take(from, author, bytes, done.ticket, done.applied);
  }
  return nullptr;
}

void Desk::finish_diff(LongUpdate& done, Member* to) {
  if (to == nullptr) return;
  if (done.status != Status::ok) return refusals_.reject(*to, done.status);
  audience_.send_made_diff(*to, FRESHET_DIFF, done.bytes, done.opened, std::move(done.rewritten));
}

}  // namespace freshet
