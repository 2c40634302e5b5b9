// What some wires ask of a room beyond documents and awareness: opening a document with a first
// content, following it later, presence that the room keeps for people, and events.
#include "core/residence/long_update.h"
#include "core/rooms/room.h"

namespace freshet {

// ---- the document

void Room::serve(Member& from, const Submission::Open& s) {
  uint8_t document = FRESHET_DOCUMENT_KEPT;
  if (!residence_.has_content() && s.seed.empty()) document = FRESHET_DOCUMENT_EMPTY;
  if (!residence_.has_content() && !s.seed.empty() && from.spec.may_write) {
    if (!may_take(from, s.seed, 0)) return;
    document = FRESHET_DOCUMENT_SEEDED;
    if (too_long(s.seed)) {
      LongUpdate work{.kind = LongUpdate::Kind::seed, .format = s.format};
      return work_elsewhere(from, std::move(work), s.seed);
    }
    const Status status = seed(from, s.format, s.seed);
    if (status != Status::ok) return refusals_.refuse_update(from, 0, status);
  }
  answer_open(from, document);
}

Status Room::seed(Member& from, uint32_t format, Bytes first) {
  freshet_applied applied{};
  FRESHET_TRY(const Bytes bytes, residence_.apply(format, first, applied));
  if (applied.changed != 0) take(&from, source_of(from.spec), bytes, 0, applied);
  return Status::ok;
}

void Room::answer_open(Member& from, uint8_t document) {
  from.opened = residence_.state_vector();
  from.opened_version = residence_.version();
  answer_diff(from, {}, document);
}

void Room::serve(Member& from, const Submission::Follow& follow) {
  const bool starts = (follow.wants & ~from.wants & FRESHET_WANT_UPDATES) != 0;
  from.wants |= follow.wants;
  if (!starts) return;
  const std::vector<uint8_t> opened = std::exchange(from.opened, {});
  if (from.lagging) {  // it gets it all when it has read what it was sent
    from.seen = opened;
    from.seen_version = from.opened_version;
    return;
  }
  if (from.opened_version == residence_.version()) return;
  const Status status = audience_.send_diff(from, FRESHET_UPDATE, opened);
  if (status != Status::ok) refusals_.reject(from, status);
}

// ---- people

void Room::serve(Member& from, const Submission::Show& show) {
  std::vector<PresenceNews> news;
  const Status status = show_person(from, show.change, news);
  if (status != Status::ok) {
    return refusals_.say(from, status, {.what = FRESHET_REFUSED_PRESENCE});
  }
  apps_.tell_message(FRESHET_MESSAGE_PRESENCE, source_of(from.spec), "",
                     as_bytes(presence_.shown_as(from.spec.client)));
  audience_.send_presence(news, &from);
}

Status Room::show_person(Member& from, Bytes change, std::vector<PresenceNews>& news) {
  const freshet_protocol& wire = *from.spec.wire->protocol;
  if (!FRESHET_HAS(&wire, merge_presence)) return Status::unsupported;
  const uint32_t index = from.spec.wire->index;
  const std::string& user = from.spec.user_id;
  // Looked up first, made last: what is refused leaves no trace.
  const std::string_view own =
      user.empty() ? presence_.shown_as(from.spec.client) : people_.shown(index, user);
  scratch_.clear();
  const freshet_str before = own.empty() ? freshet_str{nullptr, 0} : to_c(own);
  const VectorSink sink(scratch_, services_.limits.presence_bytes);
  FRESHET_CHECK(Status{wire.merge_presence(wire.self, before, to_c(change), sink.c())});
  const std::string_view json = as_text(scratch_);
  uint64_t changed_ms = user.empty() ? presence_.changed_unix_ms(from.spec.client)
                                     : people_.changed_unix_ms(index, user);
  if (!own.empty() && json != own) changed_ms = services_.loop.unix_ms();
  const auto shown =
      presence_.show(from.spec.id, from.spec.client, json, services_.now_ms, changed_ms);
  if (!shown) return Status::limit;
  news.push_back(*shown);
  news.back().renewed = false;  // said again, it is said again

  if (user.empty()) return Status::ok;
  UserPresence::Person& person = people_.of(index, user, from.spec.id);
  person.json = json;
  person.changed_unix_ms = changed_ms;
  // The person's other sessions show the same. Where everybody knows that, once is enough.
  for (const MemberId id : person.sessions) {
    const Member* other = id == from.spec.id ? nullptr : members_.find(id);
    if (other == nullptr) continue;
    const auto also = presence_.show(id, other->spec.client, json, services_.now_ms, changed_ms);
    if (!also) continue;
    news.push_back(*also);
    news.back().renewed = true;
  }
  return Status::ok;
}

// ---- events

void Room::serve(Member& from, const Submission::Event& s) {
  if (!from.spec.may_write) {
    return refusals_.say(from, Status::denied,
                         {.what = FRESHET_REFUSED_EVENT, .ticket = s.ticket, .event = s.name});
  }
  apps_.tell_message(FRESHET_MESSAGE_EVENT, source_of(from.spec), s.name, s.data);
  const Procedures::One* procedure = services_.apps.procedure(s.name);
  if (procedure != nullptr) return call(from, *procedure, s.data, s.ticket);
  freshet_delivery delivery{};
  delivery.kind = FRESHET_EVENT;
  delivery.event = to_c(s.name);
  delivery.bytes = to_c(s.data);
  delivery.from = {from.spec.client, to_c(std::string_view(from.spec.user)), 0};
  audience_.send_event(delivery);
}

}  // namespace freshet
