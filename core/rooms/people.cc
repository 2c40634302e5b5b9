#include "core/rooms/people.h"

#include <optional>
#include <utility>

namespace freshet {
void People::submit(Member& from, std::span<const freshet_presence> entries) {
  const MemberId id = from.spec.id;
  const bool first = !std::exchange(from.announced, true) && entries.size() == 1;
  std::optional<uint64_t> back_since;
  if (first) {
    from.author = entries.front().client;
    back_since = presence_.was_here_until(entries.front().client, id);
    presence_.claim(id, entries.front());
  }
  const uint32_t ttl_ms = from.spec.wire->traits.presence_ttl_ms;
  const std::vector<PresenceNews> news =
      presence_.submit(id, entries, ttl_ms, services_.now_ms, services_.loop.unix_ms());
  apps_.tell_presence(news, from);
  tell(news);
  if (back_since) show_again(from, *back_since);
  const bool is_back = first && entries.front().clock > 1;
  if (is_back && others_ != nullptr && others_->any()) others_->ask(true);
}

// Everybody here, and everybody elsewhere of what is shown here.
void People::tell(const std::vector<PresenceNews>& news) {
  audience_.send_presence(news);
  if (others_ == nullptr) return;
  for (const PresenceNews& each : news) {
    if (!Elsewhere::is(each.from)) others_->show(each.client, each.renewed);
  }
}

// One who is back has dropped everybody it knew, and passes over what it has heard before. What has
// changed since it came it cannot have heard: it hears of that with everybody else, and so of its
// end.
void People::show_again(Member& to, uint64_t known_until) {
  if (to.lagging || to.spec.wire->traits.presence_ttl_ms == 0) return;
  const Presence::Again again = presence_.again_for(to.spec.id, known_until, to.knows_presence);
  if (!again.all.empty()) audience_.send_presence_to(to, again.all);
  tell_owners(members_, audience_, again.moved);
  have_them_say_so(members_, audience_, again.at_end);
}

void People::show(Member& from, Bytes change) {
  std::vector<PresenceNews> news;
  const Status status = merge(from, change, news);
  if (status != Status::ok) {
    return refusals_.say(from, status, {.what = FRESHET_REFUSED_PRESENCE});
  }
  apps_.tell_message(FRESHET_MESSAGE_PRESENCE, source_of(from.spec), "",
                     as_bytes(presence_.shown_as(from.spec.client)));
  tell(news);
}

Status People::merge(const Member& from, Bytes change, std::vector<PresenceNews>& news) {
  const freshet_protocol& wire = *from.spec.wire->protocol;
  if (!FRESHET_HAS(&wire, merge_presence)) return Status::unsupported;
  const uint32_t index = from.spec.wire->index;
  const std::string& user = from.spec.user_id;
  // Looked up first, made last: what is refused leaves no trace.
  const std::string_view own =
      user.empty() ? presence_.shown_as(from.spec.client) : users_.shown(index, user);
  merged_.clear();
  const freshet_str before = own.empty() ? freshet_str{nullptr, 0} : to_c(own);
  const VectorSink sink(merged_, services_.limits.presence_bytes);
  FRESHET_CHECK(Status{wire.merge_presence(wire.self, before, to_c(change), sink.c())});
  const std::string_view json = as_text(merged_);
  uint64_t changed_ms = user.empty() ? presence_.changed_unix_ms(from.spec.client)
                                     : users_.changed_unix_ms(index, user);
  if (!own.empty() && json != own) changed_ms = services_.loop.unix_ms();
  const auto shown =
      presence_.show(from.spec.id, from.spec.client, json, services_.now_ms, changed_ms);
  if (!shown) return Status::limit;
  news.push_back(*shown);
  news.back().renewed = false;  // said again, it is said again

  if (user.empty()) return Status::ok;
  UserPresence::Person& person = users_.of(index, user, from.spec.id);
  person.json = json;
  person.changed_unix_ms = changed_ms;
  change_other_sessions(from.spec, person, news);
  return Status::ok;
}

// They show the same. Where everybody knows that, once is enough.
void People::change_other_sessions(const MemberSpec& of, const UserPresence::Person& person,
                                   std::vector<PresenceNews>& news) {
  for (const MemberId id : person.sessions) {
    const Member* other = id == of.id ? nullptr : members_.find(id);
    if (other == nullptr) continue;
    const auto also = presence_.show(id, other->spec.client, person.json, services_.now_ms,
                                     person.changed_unix_ms);
    if (!also) continue;
    news.push_back(*also);
    news.back().renewed = true;
  }
}

void People::leave(const MemberSpec& leaving) {
  users_.leave(leaving.wire->index, leaving.user_id, leaving.id, services_.now_ms);
  tell(presence_.leave(leaving.id));
}

void People::tick(uint64_t now_ms) {
  tell(presence_.expire(now_ms));
  users_.forget_long_gone(now_ms);
}

}  // namespace freshet
