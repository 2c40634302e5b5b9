// What some wires ask of a room beyond documents and awareness: opening a document with a first
// content, following it later, presence that the room keeps for people, and events.
#include "core/rooms/room.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

Submission waiting(Submission::Kind kind, MemberId from, Bytes bytes) {
  return {.kind = kind, .from = from, .bytes = {bytes.begin(), bytes.end()}, .presence = {}};
}

}  // namespace

void Room::say_refused(Member& to, freshet_status why, const Refused& what) {
  if (!to.in) return;
  freshet_delivery refused{};
  refused.kind = FRESHET_REFUSED;
  refused.refused = what.what;
  refused.ticket = what.ticket;
  refused.event = to_c(what.event);
  refused.status = why;
  refused.bytes = to_c(as_bytes(what.words));
  send_one(to, refused);
}

// ---- the document

void Room::open_document(MemberId id, uint32_t format, Bytes first) {
  Member* from = find(id);
  if (from == nullptr) return;
  touch();
  if (waits()) {
    Submission later = waiting(Submission::Kind::open, id, first);
    later.format = format;
    return wait(std::move(later));
  }
  if (state_ != State::live) return;
  uint8_t document = FRESHET_DOCUMENT_KEPT;
  if (!has_content() && first.empty()) document = FRESHET_DOCUMENT_EMPTY;
  if (!has_content() && !first.empty() && from->spec.may_write) {
    if (!may_take(*from, first, 0)) return;
    document = FRESHET_DOCUMENT_SEEDED;
    if (too_long(first)) {
      Submission seeding = waiting(Submission::Kind::open, id, {});
      seeding.format = format;
      return copy(*from, first, seeding.bytes) ? work_elsewhere(*from, std::move(seeding)) : void();
    }
    const Status status = seed(*from, format, first);
    if (status != Status::ok) return refuse_update(*from, 0, status);
  }
  answer_open(*from, document);
}

Status Room::seed(Member& from, uint32_t format, Bytes first) {
  freshet_applied applied{};
  FRESHET_CHECK(document_->make_room(format, first, services_.limits.document_bytes));
  FRESHET_CHECK(document_->apply(format, first, applied));
  FRESHET_TRY(const Bytes bytes, canonical(format, first, applied));
  if (applied.changed != 0) take(&from, source_of(from.spec), bytes, 0, applied);
  return Status::ok;
}

void Room::answer_open(Member& from, uint8_t document) {
  from.opened = state_vector();
  from.opened_version = version_;
  answer_diff(from, {}, document);
}

void Room::follow(MemberId id, uint32_t wants) {
  Member* member = find(id);
  if (member == nullptr) return;
  if ((wants & ~member->wants & FRESHET_WANT_UPDATES) != 0) touch();
  if (waits()) {
    Submission later = waiting(Submission::Kind::follow, id, {});
    later.wants = wants;
    return wait(std::move(later));
  }
  const bool starts = (wants & ~member->wants & FRESHET_WANT_UPDATES) != 0;
  member->wants |= wants;
  if (!starts || state_ != State::live) return;
  const std::vector<uint8_t> opened = std::exchange(member->opened, {});
  if (member->lagging) {  // it gets it all when it has read what it was sent
    member->seen = opened;
    member->seen_version = member->opened_version;
    return;
  }
  if (member->opened_version == version_) return;
  const Status status = send_diff(*member, FRESHET_UPDATE, opened);
  if (status != Status::ok) reject(*member, status);
}

// ---- people

void Room::show(MemberId id, Bytes change) {
  Member* from = find(id);
  if (from == nullptr) return;
  if (waits()) return wait(waiting(Submission::Kind::show, id, change));
  std::vector<PresenceNews> news;
  const Status status = show_person(*from, change, news);
  if (status != Status::ok) {
    return say_refused(*from, static_cast<freshet_status>(status),
                       {.what = FRESHET_REFUSED_PRESENCE});
  }
  apps_.tell_message(FRESHET_MESSAGE_PRESENCE, source_of(from->spec), "",
                     as_bytes(presence_.shown_as(from->spec.client)));
  fan_out_presence(news, from);
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
    const Member* other = id == from.spec.id ? nullptr : find(id);
    if (other == nullptr) continue;
    const auto also = presence_.show(id, other->spec.client, json, services_.now_ms, changed_ms);
    if (!also) continue;
    news.push_back(*also);
    news.back().renewed = true;
  }
  return Status::ok;
}

// ---- events

void Room::submit_event(MemberId id, std::string_view name, Bytes data, uint64_t ticket) {
  Member* from = find(id);
  if (from == nullptr) return;
  const Procedures::One* procedure = services_.apps.procedure(name);
  if (procedure != nullptr) touch();
  if (waits()) {
    Submission later = waiting(Submission::Kind::event, id, data);
    later.name = name;
    later.ticket = ticket;
    return wait(std::move(later));
  }
  if (state_ != State::live && state_ != State::asleep) return;
  if (!from->spec.may_write) {
    return say_refused(*from, FRESHET_DENIED,
                       {.what = FRESHET_REFUSED_EVENT, .ticket = ticket, .event = name});
  }
  apps_.tell_message(FRESHET_MESSAGE_EVENT, source_of(from->spec), name, data);
  if (procedure != nullptr) return call(*from, *procedure, data, ticket);
  freshet_delivery delivery{};
  delivery.kind = FRESHET_EVENT;
  delivery.event = to_c(name);
  delivery.bytes = to_c(data);
  delivery.from = {from->spec.client, to_c(std::string_view(from->spec.user)), 0};
  fan_out(delivery, FRESHET_WANT_EVENTS, nullptr);
}

}  // namespace freshet
