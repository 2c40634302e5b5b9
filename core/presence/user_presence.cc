#include "core/presence/user_presence.h"

#include <algorithm>

#include "core/presence/limits.h"

namespace freshet {

// A user id may be any text, so it stands last.
std::string UserPresence::key_of(uint32_t wire, std::string_view user_id) {
  return (std::to_string(wire) + ":").append(user_id);
}

const UserPresence::Person* UserPresence::find(uint32_t wire, std::string_view user_id) const {
  if (user_id.empty()) return nullptr;
  const auto it = people_.find(key_of(wire, user_id));
  return it == people_.end() ? nullptr : &it->second;
}

std::string_view UserPresence::shown(uint32_t wire, std::string_view user_id) const {
  const Person* person = find(wire, user_id);
  return person == nullptr ? std::string_view() : person->json;
}

uint64_t UserPresence::changed_unix_ms(uint32_t wire, std::string_view user_id) const {
  const Person* person = find(wire, user_id);
  return person == nullptr ? 0 : person->changed_unix_ms;
}

UserPresence::Person& UserPresence::of(uint32_t wire, std::string_view user_id, MemberId session) {
  const auto [it, is_new] = people_.try_emplace(key_of(wire, user_id));
  Entry& person = it->second;
  if (!is_new && person.sessions.empty()) {  // it is back
    gone_.erase(person.gone);
    kept_bytes_ -= person.json.size();
  }
  if (std::ranges::find(person.sessions, session) == person.sessions.end()) {
    person.sessions.push_back(session);
  }
  return person;
}

void UserPresence::leave(uint32_t wire, std::string_view user_id, MemberId session,
                         uint64_t now_ms) {
  const auto it = people_.find(key_of(wire, user_id));
  if (it == people_.end() || std::erase(it->second.sessions, session) == 0) return;
  Entry& person = it->second;
  if (!person.sessions.empty()) return;
  person.gone = gone_.insert(gone_.end(), {it->first, now_ms});
  kept_bytes_ += person.json.size();
  while (gone_.size() > kMaxKeptUsers || kept_bytes_ > kMaxKeptUserBytes) forget_longest_gone();
}

void UserPresence::forget_longest_gone() {
  const auto it = people_.find(gone_.front().key);
  kept_bytes_ -= it->second.json.size();
  people_.erase(it);
  gone_.pop_front();
}

void UserPresence::forget_long_gone(uint64_t now_ms) {
  while (!gone_.empty() && now_ms - gone_.front().left_ms > kKeepUserMs) forget_longest_gone();
}

}  // namespace freshet
