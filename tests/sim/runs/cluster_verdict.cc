#include "sim/runs/cluster_verdict.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <ranges>
#include <utility>

#include "sim/difference.h"

namespace freshet::sim {
namespace {

bool is_here(const Participant& one) {
  return one.options().comes_back && one.online() && !one.stays_away();
}

// Members in one order, whoever wrote it.
std::string in_order(const std::string& json) { return nlohmann::json::parse(json).dump(); }

std::multiset<std::string> in_order(const std::multiset<std::string>& jsons) {
  std::multiset<std::string> out;
  for (const std::string& json : jsons) out.insert(in_order(json));
  return out;
}

std::string list(const std::multiset<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += " " + text;
  return out;
}

}  // namespace

bool ClusterVerdict::calm() const {
  std::map<std::string, IdRanges> stored;
  for (const Participant* one : everybody_) {
    if (!is_here(*one)) continue;
    if (!one->synced() || one->backlog_bytes() != 0) return false;
    const std::string& room = one->options().room;
    if (!stored.contains(room)) stored[room] = world_.disk().readable_ids(room).structs;
    const IdRanges known = one->known();
    if (known.lacks(stored[room]) || stored[room].lacks(known)) return false;
  }
  return true;
}

void ClusterVerdict::check_documents() const {
  std::map<std::string, crdt::Doc> stored;
  for (Participant* one : everybody_) {
    const std::string& room = one->options().room;
    if (!stored.contains(room)) {
      for (const Blob& update : world_.disk().updates(room)) {
        if (!stored[room].apply(update)) {
          verdict().broke(Broken::diverged, "room " + room + " has an update no engine takes");
        }
      }
    }
    const std::string& name = one->options().name;
    if (one->stays_away() && world_.disk().lost_beginning_of(room)) continue;
    if (one->stays_away()) {
      verdict().broke(Broken::turned_away, name + " with " + std::to_string(one->close_code()) +
                                               " " + one->close_reason);
      continue;
    }
    if (!is_here(*one)) continue;
    if (!one->synced()) {
      verdict().broke(Broken::diverged, name + " cannot get in");
      continue;
    }
    const std::string differs = difference(one->doc(), stored[room]);
    if (differs.empty()) continue;
    verdict().broke(Broken::diverged, name + " holds another document than the store" + differs);
  }
}

void ClusterVerdict::check_acknowledged() const {
  std::map<std::string, UpdateIds> stored;
  for (const Participant* one : everybody_) {
    const std::string& room = one->options().room;
    if (!stored.contains(room)) stored[room] = world_.disk().readable_ids(room);
    const auto missing = stored[room].lacks(one->acknowledged());
    if (!missing) continue;
    verdict().broke(Broken::acknowledged_lost,
                    one->options().name + " in room " + room + ": " + *missing);
  }
}

void ClusterVerdict::check_beginnings() const {
  for (const auto& [name, room] : world_.disk().rooms) {
    const IdRanges ids = world_.disk().readable_ids(name).structs;
    const auto is_first = [](const auto& each) {
      return each.first >= kFirstOffer || each.first < kFirstPerson;
    };
    std::string firsts;
    for (const auto& [client, spans] : ids.clients() | std::views::filter(is_first)) {
      firsts += " " + std::to_string(client);
    }
    if (std::ranges::count(firsts, ' ') <= 1) continue;
    verdict().broke(Broken::doubled, "room " + name + " began more than once, by" + firsts);
  }
}

std::vector<Participant*> ClusterVerdict::in(const std::string& room) const {
  std::vector<Participant*> out;
  std::ranges::copy_if(everybody_, std::back_inserter(out), [&](const Participant* one) {
    return one->options().room == room && one->synced();
  });
  return out;
}

void ClusterVerdict::check_people(Ghosts ghosts) const {
  std::map<std::string, std::multiset<std::string>> here;
  for (const Participant* one : everybody_) {
    if (one->synced()) here[one->options().room].insert(in_order(one->shown()));
  }
  for (const auto& [room, people] : here) {
    for (const Participant* one : in(room)) {
      const auto seen = in_order(one->seen());
      if (seen == people) continue;
      if (ghosts == Ghosts::allowed && std::ranges::includes(seen, people)) continue;
      verdict().broke(Broken::presence, one->options().name + " sees" + list(seen) +
                                            ", and there are" + list(people));
    }
  }
}

void ClusterVerdict::check_ends(const std::set<uint64_t>& told) const {
  std::map<std::pair<std::string, uint64_t>, uint64_t> ids;
  for (const auto& [id, notice] : world_.disk().all_notices) {
    const std::string what = "end " + std::to_string(id) + " of room " + notice.room;
    if (!told.contains(id)) verdict().broke(Broken::app_untold, what);
    const auto [it, is_new] = ids.try_emplace({notice.room, notice.opening}, id);
    if (!is_new)
      verdict().broke(Broken::doubled, what + " is " + std::to_string(it->second) + " too");
    if (!world_.disk().notices.contains(id)) continue;
    verdict().broke(Broken::app_untold, what + " is to be told still");
  }
  for (const uint64_t id : told) {
    if (world_.disk().all_notices.contains(id)) continue;
    verdict().broke(Broken::app_misled, "end " + std::to_string(id) + " never was");
  }
}

}  // namespace freshet::sim
