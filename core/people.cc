#include "core/people.h"

#include <algorithm>

namespace freshet {

// A user id may be any text, so it stands last.
std::string People::key_of(uint32_t wire, std::string_view user_id) {
  return (std::to_string(wire) + ":").append(user_id);
}

std::string_view People::shown(uint32_t wire, std::string_view user_id) const {
  if (user_id.empty()) return {};
  const auto it = people_.find(key_of(wire, user_id));
  return it == people_.end() ? std::string_view() : it->second.json;
}

People::Person& People::of(uint32_t wire, std::string_view user_id, MemberId session) {
  Person& person = people_[key_of(wire, user_id)];
  if (person.sessions.empty() && !person.json.empty()) {  // it is back
    --kept_;
    kept_bytes_ -= person.json.size();
  }
  if (std::ranges::find(person.sessions, session) == person.sessions.end()) {
    person.sessions.push_back(session);
  }
  return person;
}

void People::leave(uint32_t wire, std::string_view user_id, MemberId session, uint64_t now_ms) {
  const auto it = people_.find(key_of(wire, user_id));
  if (it == people_.end() || std::erase(it->second.sessions, session) == 0) return;
  Person& person = it->second;
  if (!person.sessions.empty()) return;
  person.left_ms = now_ms;
  ++kept_;
  kept_bytes_ += person.json.size();
  while (kept_ > kMaxKept || kept_bytes_ > kMaxKeptBytes) {
    auto oldest = people_.end();
    for (auto each = people_.begin(); each != people_.end(); ++each) {
      if (!each->second.sessions.empty()) continue;
      if (oldest == people_.end() || each->second.left_ms < oldest->second.left_ms) oldest = each;
    }
    forget(oldest);
  }
}

void People::forget(std::unordered_map<std::string, Person>::iterator person) {
  --kept_;
  kept_bytes_ -= person->second.json.size();
  people_.erase(person);
}

void People::forget_long_gone(uint64_t now_ms) {
  if (kept_ == 0) return;
  for (auto it = people_.begin(); it != people_.end();) {
    const auto each = it++;
    if (!each->second.sessions.empty()) continue;
    if (now_ms - each->second.left_ms > kKeepMs) forget(each);
  }
}

}  // namespace freshet
