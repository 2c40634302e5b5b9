#include "core/sharing/people_elsewhere.h"

#include <algorithm>
#include <utility>

#include "freshet/format/codec.h"

namespace freshet {
namespace {

// Odd: clients that differ in a bit differ in many.
constexpr uint64_t kSpread = 0x9e3779b97f4a7c15u;

}  // namespace

void tell_owners(const Members& members, Audience& audience,
                 const std::vector<PresenceNews>& moved) {
  for (const PresenceNews& each : moved) {
    Member* owner = members.find(each.from);
    if (owner == nullptr || owner->lagging || (owner->wants & FRESHET_WANT_PRESENCE) == 0) continue;
    if (owner->spec.wire->traits.presence_echo != 0) audience.send_presence_to(*owner, {each});
  }
}

void have_them_say_so(const Members& members, Audience& audience, std::vector<PresenceNews> who) {
  for (PresenceNews& each : who) each.json = {nullptr, 0};
  tell_owners(members, audience, who);
}

// ---- what other nodes say

// Where both have the same client at the same clock, one of the two yields.
std::optional<bus::Person> PeopleElsewhere::hear(const freshet_writer& by,
                                                 const bus::Person& person) {
  if (const auto said = say_after(person)) return said;
  const freshet_node node = bus::node_of(by);
  MemberId owner = Elsewhere::id_of(node, person.member);
  PresenceNews entry{{person.client, person.clock, {nullptr, 0}}};
  entry.changed_unix_ms = person.changed_unix_ms;
  entry.renewed = person.renewed;
  if (person.json) {
    entry.json = {person.json->data(), person.json->size()};
    members_.elsewhere().note(owner, node, person.user);
    if (heard_all_) heard_all_->push_back(person.client);
  } else if (const auto shown = presence_.last_of(person.client);
             shown && members_.elsewhere().is_of(shown->from, node)) {
    owner = shown->from;  // it may have changed hands there
  }
  const bool yields = std::ranges::lexicographical_compare(services_.self.run, by.run);
  const std::optional<PresenceNews> news = presence_.hear(owner, entry, yields, services_.now_ms);
  tell(news);
  if (news) return std::nullopt;
  const std::optional<PresenceNews> gone = presence_.gone_after(entry);
  return gone ? std::optional(person_of(*gone)) : std::nullopt;
}

// Of somebody of this node it is said there that they are gone, or they are taken for somebody
// else's.
std::optional<bus::Person> PeopleElsewhere::say_after(const bus::Person& heard) {
  const bool ours = presence_.is_shown_by_us(heard.client);
  if (heard.json && !ours) return std::nullopt;
  const auto said = presence_.to_be_said_after(heard.client, heard.clock);
  if (!said) return std::nullopt;
  if (!ours) {
    PresenceNews gone = *said;
    gone.clock = heard.clock;
    have_them_say_so(members_, audience_, {gone});
    return std::nullopt;
  }
  const PresenceNews news = presence_.show_after(heard.client, heard.clock);
  audience_.send_presence({news});
  return person_of(news);
}

void PeopleElsewhere::hear(const bus::Here& here) {
  heard_all_.reset();
  if (here.whole) heard_all_.emplace();
}

bool PeopleElsewhere::hear(const freshet_writer& by, const bus::Digest& digest) {
  const freshet_node node = bus::node_of(by);
  if (auto all = std::exchange(heard_all_, std::nullopt)) {
    keep_only(node, std::move(*all));
    return true;
  }
  const bus::Digest known = digest_of(
      [&](const PresenceNews& each) { return members_.elsewhere().is_of(each.from, node); });
  return known.people == digest.people && known.sum == digest.sum;
}

// Whom else it was known to show is gone.
void PeopleElsewhere::keep_only(const freshet_node& node, std::vector<uint64_t> clients) {
  std::ranges::sort(clients);
  std::vector<PresenceNews> gone;
  for (const PresenceNews& each : presence_.all()) {
    const bool is_there = members_.elsewhere().is_of(each.from, node);
    if (!is_there || std::ranges::binary_search(clients, each.client)) continue;
    gone.push_back(each);
    gone.back().json = {nullptr, 0};
  }
  for (const PresenceNews& each : gone) {
    tell(presence_.hear(each.from, each, false, services_.now_ms));
  }
}

void PeopleElsewhere::tell(const std::optional<PresenceNews>& news) {
  if (news) audience_.send_presence({*news});
}

void PeopleElsewhere::forget(const freshet_writer& by) {
  for (const MemberId id : members_.elsewhere().of(bus::node_of(by))) {
    audience_.send_presence(presence_.leave(id));
  }
  forget_unshown();
}

// Whoever changed hands, was refused, or is gone.
void PeopleElsewhere::forget_unshown() {
  members_.elsewhere().keep_if([&](MemberId id) { return presence_.shows_any(id); });
}

void PeopleElsewhere::move_on() {
  const Presence::Again again = presence_.again_for(0, UINT64_MAX);
  tell_owners(members_, audience_, again.moved);
  have_them_say_so(members_, audience_, again.at_end);
}

std::optional<bus::Person> PeopleElsewhere::person(uint64_t client) const {
  const auto shown = presence_.last_of(client);
  if (!shown || Elsewhere::is(shown->from)) return std::nullopt;
  return person_of(*shown);
}

bus::Person PeopleElsewhere::person_of(const PresenceNews& news) const {
  bus::Person person{.member = news.from & kMaxSafeInteger,
                     .client = news.client,
                     .clock = news.clock,
                     .user = members_.user_of(news.from),
                     .changed_unix_ms = news.changed_unix_ms,
                     .renewed = true};
  if (news.json.data != nullptr) person.json = view(news.json);
  return person;
}

std::vector<bus::Person> PeopleElsewhere::everybody() const {
  std::vector<bus::Person> out;
  for (const PresenceNews& each : presence_.all()) {
    if (!Elsewhere::is(each.from)) out.push_back(person_of(each));
  }
  return out;
}

template <class Whose>
bus::Digest PeopleElsewhere::digest_of(Whose whose) const {
  bus::Digest digest;
  for (const PresenceNews& each : presence_.all()) {
    if (!whose(each)) continue;
    ++digest.people;
    digest.sum =
        (digest.sum + (each.client * kSpread ^ each.clock) % kMaxSafeInteger) % kMaxSafeInteger;
  }
  return digest;
}

bus::Digest PeopleElsewhere::digest() const {
  return digest_of([](const PresenceNews& each) { return !Elsewhere::is(each.from); });
}

}  // namespace freshet
