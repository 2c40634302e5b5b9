#include "cast.h"

#include <algorithm>

namespace freshet::load {

namespace {

// Ids of five bytes, as most clients draw them, with room for all who come later.
constexpr uint64_t kLeastId = uint64_t{1} << 31, kIds = uint64_t{1} << 30;
// Presence has times of its own.
constexpr uint64_t kPresenceSalt = uint64_t{1} << 40;

std::string name_of(uint64_t number) { return "client-" + std::to_string(number); }

}  // namespace

Cast::Cast(const Scenario& scenario, World& world)
    : scenario_(scenario), world_(world), chance_(scenario.seed) {
  for (uint32_t r = 0; r < scenario.rooms; ++r) {
    const Authors authors{.first_id = kLeastId + chance_() % kIds,
                          .writers = scenario.writers,
                          .edit_bytes = scenario.edit_bytes,
                          .document_bytes = scenario.document_bytes};
    rooms_.push_back(std::make_unique<Room>(
        scenario.room_prefix + "-" + std::to_string(r), authors,
        Schedule(scenario.seed, r, scenario.period_ns()), world.wire, scenario.presence_writers,
        Schedule(scenario.seed ^ kPresenceSalt, r, scenario.presence_period_ns())));
  }
}

std::unique_ptr<Client> Cast::client_for(size_t place, uint64_t number) {
  Room& room = *rooms_[place / scenario_.clients];
  const auto at = static_cast<uint32_t>(place % scenario_.clients);
  const bool writes = at < scenario_.writers;
  const uint64_t id = scenario_.wire == WireKind::floor ? place
                      : writes                          ? room.authors.id(at)
                               : room.authors.id(scenario_.writers) + 1 + number;
  Person person{.room = room.name,
                .name = name_of(number),
                .client_id = id,
                .document = {},
                .session = {},
                .place = at};
  return std::make_unique<Client>(world_, room, std::move(person),
                                  writes ? std::optional(at) : std::nullopt);
}

void Cast::bring_documents() {
  for (const auto& room : rooms_) {
    Person person{.room = room->name,
                  .name = "document",
                  .client_id = room->authors.id(scenario_.writers),
                  .document = {},
                  .session = {},
                  .place = scenario_.clients};
    write_document(room->authors, person.document);
    documents_.push_back(
        std::make_unique<Client>(world_, *room, std::move(person), scenario_.writers));
    documents_.back()->connect();
  }
}

bool Cast::documents_are_there() const {
  return std::all_of(documents_.begin(), documents_.end(),
                     [](const auto& client) { return client->whole_ns() != 0; });
}

void Cast::send_home_documents() {
  for (auto& client : documents_) {
    client->leave();
    leaving_.push_back(std::move(client));
  }
  documents_.clear();
}

void Cast::bring_everybody() {
  seat_everybody();
  for (size_t place = places_.size(); place-- > 0;) waiting_.push_back(place);
}

void Cast::seat_everybody() {
  for (size_t place = 0; place < scenario_.all_clients(); ++place) {
    places_.push_back(client_for(place, came_++));
  }
}

void Cast::tend() {
  std::erase_if(joining_, [&](size_t place) {
    const Client& client = *places_[place];
    if (!client.synced() && !client.over() && now_ns() - client.since_ns() > kJoinTimeoutNs) {
      world_.tally.faults.add("a client waits for its document since a minute");
      return true;
    }
    return client.synced() || client.over();
  });
  while (!waiting_.empty() && joining_.size() < kMaxConnecting) {
    joining_.push_back(waiting_.back());
    places_[waiting_.back()]->connect();
    waiting_.pop_back();
  }
  forget_who_has_left();
}

void Cast::forget_who_has_left() {
  std::erase_if(leaving_, [&](const auto& client) {
    // A server that does not answer a close is left without its answer.
    if (!client->over() && now_ns() - client->since_ns() < kLeaveTimeoutNs) return false;
    left_ += client->books();
    return true;
  });
}

void Cast::replace_somebody() {
  const size_t staying = scenario_.staying();
  const size_t room = chance_() % scenario_.rooms;
  const size_t place =
      room * scenario_.clients + staying + chance_() % (scenario_.clients - staying);
  if (!places_[place]->synced()) return;
  std::erase(paused_, places_[place].get());
  places_[place]->leave();
  leaving_.push_back(std::move(places_[place]));
  places_[place] = client_for(place, came_++);
  waiting_.push_back(place);
}

void Cast::pause_readers() {
  const size_t readers = scenario_.clients - scenario_.writers;
  for (size_t i = 0; i < scenario_.paused; ++i) {
    const size_t room = i % scenario_.rooms;
    const size_t reader = i / scenario_.rooms;
    if (reader >= readers) return;
    Client& client = *places_[room * scenario_.clients + scenario_.writers + reader];
    client.pause();
    paused_.push_back(&client);
  }
}

void Cast::resume_readers() {
  for (Client* client : paused_) client->resume();
  paused_.clear();
}

Books Cast::books() const {
  Books all = left_;
  for (const auto* clients : {&places_, &leaving_}) {
    for (const auto& client : *clients) all += client->books();
  }
  return all;
}

}  // namespace freshet::load
