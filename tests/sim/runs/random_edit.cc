#include "sim/runs/random_edit.h"

#include <algorithm>
#include <iterator>

namespace freshet::sim {
namespace {

void erase_something(Chance& chance, Participant& client) {
  const IdRanges known = client.known();
  if (known.empty()) return;
  auto victim = known.clients().begin();
  std::advance(victim, chance.below(known.clients().size()));
  const uint64_t end = victim->second.begin()->second;
  const uint64_t clock = chance.below(end);
  const Deletion deletion{victim->first, clock, std::min(end - clock, chance.between(1, 4))};
  Author& author = client.author();
  client.edit(chance.percent(50) ? Author::erase({deletion})
                                 : author.type({"text"}, 0, "x", {deletion}));
}

}  // namespace

void random_edit(Chance& chance, std::vector<Id>& landmarks, Participant& client) {
  Author& author = client.author();
  Place place{"text"};
  if (!landmarks.empty() && chance.percent(30)) {
    const Id id = landmarks[chance.below(landmarks.size())];
    if (client.known().contains(id.client, id.clock, 1)) place = {"", id};
  }
  const uint64_t dice = chance.below(100);
  if (dice < 10) return client.edit(author.set(place, std::string(1, "abc"[chance.below(3)]), 7));
  if (dice < 15) {
    Id made{};
    const auto update = author.nest({"list"}, made);
    if (client.options().writes) landmarks.push_back(made);
    return client.edit(update);
  }
  if (dice < 25) return erase_something(chance, client);
  const size_t size = chance.percent(3) ? 3'000 : chance.between(1, 12);
  const std::string text(size, static_cast<char>('a' + chance.below(26)));
  client.edit(author.type(place, chance.below(author.length(place) + 1), text));
}

}  // namespace freshet::sim
