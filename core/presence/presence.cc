#include "core/presence/presence.h"

#include <algorithm>
#include <utility>

#include "core/presence/limits.h"
#include "freshet/bytes.h"

namespace freshet {
PresenceNews Presence::news_of(uint64_t client, const Entry& e) {
  PresenceNews news{{client, e.clock, {nullptr, 0}}, e.owner};
  if (!e.gone) news.json = {e.json.data(), e.json.size()};
  news.changed_unix_ms = e.changed_unix_ms;
  news.version = e.version;
  return news;
}

// Whether news at a clock we have is news all the same, to be passed on one clock later: a client
// is back on a new connection, where it announces itself as it was (and may not have heard that we
// moved its clock), or has changed before it heard of that. What clients repeat of others is
// neither: they have announced themselves before. Two who repeat would bring one back for ever.
bool Presence::is_return(const Entry& entry, MemberId from, const freshet_presence& news) const {
  if (entry.clock == kMaxPresenceClock || news.clock > entry.clock) return false;
  // One whose other session is at another node is here now, wherever that node has its clock.
  if (entry.gone || entry.elsewhere) return from == announces_itself_ && news.clock >= entry.said;
  return entry.owner == from && news.clock == entry.clock &&
         entry.json != std::string_view(news.json.data, news.json.size);
}

// The clock at which others are told of what came at `clock`: always one they have not heard of it.
// A client that is new here may have been here before a restart of ours, and its peers, who are
// back as well, would pass over what they knew; only one at clock 0 has shown nothing to anybody.
uint64_t Presence::clock_told(const Entry& entry, uint64_t clock) {
  if (entry.version != 0) return std::max(clock, entry.clock + 1);
  return clock == 0 || clock == kMaxPresenceClock || entry.shown_by_us ? clock : clock + 1;
}

// An owner repeats the clock that we moved it to: it counts on from there.
void Presence::note_confirmed(Entry& entry, MemberId from, const freshet_presence& news) {
  if (entry.gone || entry.owner != from || news.clock != entry.clock) return;
  if (entry.said == entry.clock) return;
  entry.said = entry.clock;
  entry.renewed_ms = last_now_ms_;
}

bool Presence::is_news(const Entry* known, MemberId from, const freshet_presence& news) const {
  if (news.clock > kMaxPresenceClock) return false;
  const bool leaves = news.json.data == nullptr;
  if (known == nullptr) return !leaves;
  if (known->shown_by_us) return false;
  if (leaves) return !known->gone && known->owner == from && news.clock >= known->said;
  if (is_return(*known, from, news)) return true;
  if (news.clock <= known->clock) return false;
  return known->gone || known->owner == from || news.clock - known->clock <= kMaxTakeoverStep;
}

// Whether the session and the room have room for it.
bool Presence::fits(const Entry* known, MemberId from, const freshet_presence& news) {
  if (news.json.size > limits_.presence_bytes) return false;
  const auto shown = shown_.find(from);
  const bool own = known != nullptr && !known->gone && known->owner == from;
  const size_t replaced = known != nullptr ? known->json.size() : 0;
  const size_t clients = shown == shown_.end() ? 0 : shown->second.clients.size();
  const size_t bytes = shown == shown_.end() ? 0 : shown->second.bytes;
  if (!own && clients >= limits_.presence_per_session) return false;
  if (bytes - (own ? replaced : 0) + news.json.size > limits_.presence_session_bytes) return false;
  if (bytes_ - replaced + news.json.size > limits_.presence_room_bytes) return false;
  const bool room_is_full = known == nullptr && entries_.size() >= limits_.presence_per_room;
  if (room_is_full && live_ < entries_.size()) forget_gone();
  return known != nullptr || entries_.size() < limits_.presence_per_room;
}

void Presence::forget_gone() {
  std::erase_if(entries_, [](const auto& e) { return e.second.gone; });
}

void Presence::take_from_owner(uint64_t client, const Entry& entry) {
  const auto shown = shown_.find(entry.owner);
  if (shown == shown_.end()) return;
  std::erase(shown->second.clients, client);
  shown->second.bytes -= entry.json.size();
  if (shown->second.clients.empty()) shown_.erase(shown);
}

void Presence::hide(uint64_t client, Entry& entry) {
  take_from_owner(client, entry);
  bytes_ -= entry.json.size();
  entry.gone = true;
  entry.heir = 0;
  release_memory(entry.json);
  entry.renewed_ms = last_now_ms_;
  entry.version = ++version_;
  entry.moved = false;
  --live_;
}

PresenceNews Presence::put(uint64_t client, Entry& entry, MemberId from,
                           const freshet_presence& news) {
  const uint64_t clock = clock_told(entry, news.clock);
  const bool arrived = entry.gone;
  const bool renewed = !arrived && entry.json == std::string_view(news.json.data, news.json.size);
  if (!arrived) hide(client, entry);
  entry.gone = false;
  entry.clock = clock;
  entry.said = news.clock;
  entry.json.assign(news.json.data, news.json.size);
  entry.owner = from;
  entry.elsewhere = false;
  entry.renewed_ms = entry.told_ms = last_now_ms_;
  if (!renewed) entry.changed_unix_ms = arrived ? 0 : last_unix_ms_;
  entry.version = ++version_;
  entry.moved = false;
  if (arrived) entry.arrived_version = entry.version;
  ++live_;
  bytes_ += entry.json.size();
  Shown& shown = shown_[from];
  shown.clients.push_back(client);
  shown.bytes += entry.json.size();
  PresenceNews out = news_of(client, entry);
  out.arrived = arrived;
  out.renewed = renewed;
  return out;
}

std::optional<PresenceNews> Presence::show(MemberId from, uint64_t client, std::string_view json,
                                           uint64_t now_ms, uint64_t changed_unix_ms) {
  last_now_ms_ = now_ms;
  const auto it = entries_.find(client);
  const Entry* known = it == entries_.end() ? nullptr : &it->second;
  const freshet_presence news{
      client, known == nullptr ? 1 : known->clock + 1, {json.data(), json.size()}};
  if (news.clock > kMaxPresenceClock || !fits(known, from, news)) return std::nullopt;
  Entry& entry = entries_[client];
  entry.shown_by_us = true;
  entry.ttl_ms = 0;
  PresenceNews out = put(client, entry, from, news);
  out.changed_unix_ms = entry.changed_unix_ms = changed_unix_ms;
  return out;
}

std::string_view Presence::shown_as(uint64_t client) const {
  const auto it = entries_.find(client);
  return it == entries_.end() ? std::string_view() : it->second.json;
}

uint64_t Presence::changed_unix_ms(uint64_t client) const {
  const auto it = entries_.find(client);
  return it == entries_.end() ? 0 : it->second.changed_unix_ms;
}

std::vector<PresenceNews> Presence::submit(MemberId from, std::span<const freshet_presence> entries,
                                           uint32_t ttl_ms, uint64_t now_ms, uint64_t unix_ms) {
  last_now_ms_ = now_ms;
  last_unix_ms_ = unix_ms;
  const bool first = heard_of_.insert(from).second;
  announces_itself_ = first && entries.size() == 1 ? from : 0;
  const uint64_t before = version_;
  std::vector<uint64_t> changed;
  std::vector<uint64_t> renewed;
  for (const freshet_presence& news : entries) {
    const auto it = entries_.find(news.client);
    const Entry* known = it == entries_.end() ? nullptr : &it->second;
    if (!is_news(known, from, news)) {
      if (known != nullptr) note_confirmed(it->second, from, news);
      continue;
    }
    if (news.json.data == nullptr) {
      it->second.clock = std::max(it->second.clock, news.clock);
      it->second.said = news.clock;
      hide(news.client, it->second);
    } else {
      if (!fits(known, from, news)) continue;
      Entry& entry = entries_[news.client];
      if (put(news.client, entry, from, news).renewed) renewed.push_back(news.client);
      entry.ttl_ms = ttl_ms;
    }
    changed.push_back(news.client);
  }
  std::sort(changed.begin(), changed.end());
  const bool once = std::adjacent_find(changed.begin(), changed.end()) == changed.end();
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  std::vector<PresenceNews> out;
  for (const uint64_t client : changed) {
    // One that left may have been forgotten to make room within this very message.
    const auto it = entries_.find(client);
    if (it == entries_.end()) continue;
    PresenceNews& news = out.emplace_back(news_of(client, it->second));
    news.arrived = !it->second.gone && it->second.arrived_version > before;
    // Said once in this message, and no more than that.
    news.renewed = once && std::ranges::find(renewed, client) != renewed.end();
  }
  return out;
}

// ---- who is at another node

bool Presence::is_newer_there(const Entry& known, MemberId owner, const PresenceNews& entry,
                              bool yields) const {
  if (entry.json.data == nullptr)
    return !known.gone && known.owner == owner && entry.clock >= known.clock;
  // Somebody there repeats what it heard of one who is here alone.
  if (known.shown_by_us && !known.gone) return false;
  if (entry.clock != known.clock) return entry.clock > known.clock;
  return !known.gone && known.owner != owner && (known.elsewhere || yields);
}

std::optional<PresenceNews> Presence::hear(MemberId owner, const PresenceNews& entry, bool yields,
                                           uint64_t now_ms) {
  last_now_ms_ = now_ms;
  const auto it = entries_.find(entry.client);
  const bool leaves = entry.json.data == nullptr;
  if (it == entries_.end() ? leaves : !is_newer_there(it->second, owner, entry, yields)) {
    return std::nullopt;
  }
  if (leaves) {
    it->second.clock = entry.clock;
    hide(entry.client, it->second);
    return news_of(entry.client, it->second);
  }
  if (entry.clock > kMaxPresenceClock) return std::nullopt;
  if (!fits(it == entries_.end() ? nullptr : &it->second, owner, entry)) return std::nullopt;
  Entry& here = entries_[entry.client];
  here.shown_by_us = false;
  PresenceNews news = put(entry.client, here, owner, entry);
  // Its own node counts its clock: others have not heard of it at this one.
  here.clock = news.clock = entry.clock;
  here.said = entry.clock == 0 ? 0 : entry.clock - 1;
  here.elsewhere = true;
  here.ttl_ms = 0;
  here.changed_unix_ms = news.changed_unix_ms = entry.changed_unix_ms;
  news.renewed = news.renewed && entry.renewed;
  return news;
}

std::optional<PresenceNews> Presence::gone_after(const PresenceNews& entry) const {
  const auto it = entries_.find(entry.client);
  const bool is_passed_over = it != entries_.end() && it->second.gone &&
                              entry.json.data != nullptr && entry.clock <= it->second.clock;
  if (!is_passed_over) return std::nullopt;
  return news_of(entry.client, it->second);
}

std::optional<PresenceNews> Presence::to_be_said_after(uint64_t client, uint64_t clock) const {
  const auto it = entries_.find(client);
  if (it == entries_.end() || clock >= kMaxPresenceClock) return std::nullopt;
  const Entry& entry = it->second;
  if (entry.gone || entry.elsewhere || entry.clock > clock) return std::nullopt;
  return news_of(client, entry);
}

bool Presence::is_shown_by_us(uint64_t client) const {
  const auto it = entries_.find(client);
  return it != entries_.end() && it->second.shown_by_us;
}

PresenceNews Presence::show_after(uint64_t client, uint64_t clock) {
  Entry& entry = entries_[client];
  entry.clock = clock + 1;
  entry.version = ++version_;
  entry.moved = false;
  PresenceNews out = news_of(client, entry);
  out.renewed = true;
  return out;
}

std::optional<PresenceNews> Presence::last_of(uint64_t client) const {
  const auto it = entries_.find(client);
  if (it == entries_.end()) return std::nullopt;
  return news_of(client, it->second);
}

// ---- who comes back

std::optional<uint64_t> Presence::was_here_until(uint64_t client, MemberId from) const {
  const auto it = entries_.find(client);
  if (it == entries_.end() || it->second.shown_by_us) return std::nullopt;
  if (it->second.gone) return it->second.version;
  if (it->second.owner == from) return std::nullopt;
  return version_;
}

void Presence::claim(MemberId from, const freshet_presence& first) {
  const auto it = entries_.find(first.client);
  if (it == entries_.end() || shown_.contains(from)) return;
  Entry& entry = it->second;
  const bool as_it_was = first.clock >= entry.said && first.clock <= entry.clock;
  if (entry.gone || entry.shown_by_us || entry.owner == from || !as_it_was) return;
  entry.heir = from;
  claims_[from] = first.client;
}

void Presence::forget_claim(MemberId member) {
  const auto claim = claims_.find(member);
  if (claim == claims_.end()) return;
  const auto it = entries_.find(claim->second);
  if (it != entries_.end() && it->second.heir == member) it->second.heir = 0;
  claims_.erase(claim);
}

// Others hear nothing of it: it never went.
bool Presence::hand_over(uint64_t client, Entry& entry) {
  const MemberId heir = std::exchange(entry.heir, 0);
  if (heir == 0 || shown_.contains(heir)) return false;
  take_from_owner(client, entry);
  entry.owner = heir;
  shown_[heir] = {{client}, entry.json.size()};
  return true;
}

Presence::Again Presence::again_for(MemberId back, uint64_t until, uint64_t knows) {
  Again again;
  for (auto& [client, entry] : entries_) {
    if (entry.gone || entry.owner == back) continue;
    const bool hears = entry.version <= knows || !entry.moved;  // of what came after that
    if (hears && entry.version > std::min(until, knows)) continue;
    // Never two ahead of what its owner has said: it would be made to go back to what it showed
    // before, if it changes while it hears of that.
    const bool moves = entry.clock < kMaxPresenceClock && !entry.elsewhere &&
                       (entry.shown_by_us || entry.clock == entry.said);
    if (moves) {
      ++entry.clock;
      entry.version = ++version_;
      entry.moved = true;
    }
    again.all.push_back(news_of(client, entry));
    again.all.back().renewed = true;
    if (moves && !entry.shown_by_us) again.moved.push_back(again.all.back());
    if (!moves && !entry.elsewhere) again.at_end.push_back(again.all.back());
  }
  return again;
}

std::vector<PresenceNews> Presence::leave(MemberId member) {
  forget_claim(member);
  heard_of_.erase(member);
  const auto shown = shown_.find(member);
  if (shown == shown_.end()) return {};
  std::vector<PresenceNews> out;
  for (const uint64_t client : std::vector<uint64_t>(shown->second.clients)) {
    Entry& entry = entries_[client];
    if (hand_over(client, entry)) continue;
    hide(client, entry);
    out.push_back(news_of(client, entry));
  }
  return out;
}

bool Presence::must_be_told_again(const Entry& entry, uint64_t now_ms) {
  if (now_ms - entry.told_ms < kRenewPresenceMs) return false;
  return entry.shown_by_us ? entry.clock < kMaxPresenceClock : entry.renewed_ms > entry.told_ms;
}

std::vector<PresenceNews> Presence::expire(uint64_t now_ms) {
  last_now_ms_ = now_ms;
  std::vector<PresenceNews> out;
  for (auto it = entries_.begin(); it != entries_.end();) {
    auto& [client, entry] = *it;
    const uint64_t age = now_ms - entry.renewed_ms;
    if (entry.gone && age > kRememberGoneMs) {
      it = entries_.erase(it);
      continue;
    }
    if (!entry.gone && entry.ttl_ms != 0 && age > entry.ttl_ms) {
      hide(client, entry);
      out.push_back(news_of(client, entry));
    }
    if (!entry.gone && must_be_told_again(entry, now_ms)) {
      if (entry.shown_by_us) ++entry.clock;
      entry.told_ms = now_ms;
      out.push_back(news_of(client, entry));
      out.back().renewed = true;
      out.back().version = UINT64_MAX;
    }
    ++it;
  }
  return out;
}

std::optional<PresenceNews> Presence::of(uint64_t client) const {
  const auto it = entries_.find(client);
  if (it == entries_.end() || it->second.gone) return std::nullopt;
  return news_of(client, it->second);
}

std::vector<PresenceNews> Presence::all() const {
  std::vector<PresenceNews> out;
  out.reserve(live_);
  for (const auto& [client, entry] : entries_) {
    if (!entry.gone) out.push_back(news_of(client, entry));
  }
  return out;
}

std::vector<PresenceNews> Presence::since(uint64_t version) const {
  std::vector<PresenceNews> out;
  for (const auto& [client, entry] : entries_) {
    if (entry.version <= version) continue;
    out.push_back(news_of(client, entry));
    out.back().arrived = !entry.gone && entry.arrived_version > version;
  }
  return out;
}

}  // namespace freshet
