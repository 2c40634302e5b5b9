#include "core/live/rooms/room_scope.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/live/message.h"
#include "core/report/in_plugin.h"
#include "core/store/epoch.h"
#include "freshet/format/codec.h"

namespace freshet {
namespace {

using Json = nlohmann::json;

// What others wrote may be anything.
Json parsed(std::string_view text) {
  if (text.empty() || text.size() > kShownStateBytes) return nullptr;
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json(nullptr) : json;
}

// An engine of somebody's may say anything.
uint64_t number_in(const Json& json, const char* key) {
  const Json value = json.is_object() ? json.value(key, Json()) : Json();
  return value.is_number_unsigned() ? value.get<uint64_t>() : 0;
}

Json person_of(const Member& member, uint64_t unsaved) {
  const Member& m = member;
  Json clients = Json::array();
  if (m.author) clients.push_back(*m.author);
  return {{"session", m.spec.client},
          {"user", parsed(m.spec.user)},
          {"protocol", m.spec.wire->plugin},
          {"address", m.spec.peer},
          {"permission", m.may_write ? "read-write" : "read-only"},
          {"since_ms", m.spec.since_unix_ms},
          {"clients", std::move(clients)},
          {"sent", m.sent},
          {"saved", m.told_saved},
          {"on_disk", m.sent - std::min(m.sent, unsaved)},
          {"queued_bytes", m.outlet->queued_bytes()},
          {"lagging", m.lagging}};
}

Json presence_of(Room& room) {
  std::unordered_map<MemberId, uint64_t> sessions;
  for (const Member* member : room.inside().members.all()) {
    sessions.emplace(member->spec.id, member->spec.client);
  }
  Json out = Json::array();
  for (const PresenceNews& each : room.inside().presence.all()) {
    if (out.size() == kShownPeople) break;
    const auto session = sessions.find(each.from);
    out.push_back({{"client", each.client},
                   {"session", session == sessions.end() ? Json(nullptr) : Json(session->second)},
                   {"state", parsed(view(each.json))}});
  }
  return out;
}

}  // namespace

void RoomScope::look(Room* room) {
  const uint64_t now_ms = loop_.now_ms();
  tell_skipped(now_ms);
  const bool is_new = room != nullptr && room->inside().members.watch() != this;
  if (is_new) attach(*room);
  if (room == nullptr && room_ != nullptr) told_.clear();
  room_ = room;
  if (!told_.empty() && (room == nullptr || now_ms < due_ms_)) return;
  due_ms_ = now_ms + kRoomEveryMs;
  if (room != nullptr && !told_.empty() && !may_have_changed(*room)) return;
  std::string text = message_text(
      "room", room == nullptr ? Json{{"room", name_}, {"state", "closed"}} : picture(*room));
  if (text == told_) return;
  told_ = std::move(text);
  tell_(told_);
}

// What was sent before and is not told saved may be on the disk; that is known soon.
void RoomScope::attach(Room& room) {
  room.inside().members.set_watch(this);
  const Saved& saved = room.residence().saved();
  unsaved_.begin(saved.position());
  if (saved.all()) return;
  for (const Member* member : room.inside().members.all()) {
    unsaved_.note_before(member->spec.id,
                         member->sent - std::min(member->sent, member->told_saved));
  }
}

// A sum of numbers that grow, or are as good as never the same by chance.
bool RoomScope::may_have_changed(Room& room) {
  uint64_t sum = room.residence().version() * 3 + room.inside().presence.version() * 5 +
                 room.residence().saved().through() * 7 + room.inside().members.size() * 11 +
                 static_cast<uint64_t>(room.state()) * 13 +
                 room.residence().saved().unsaved().updates;
  for (const Member* member : room.inside().members.all()) {
    sum = sum * 31 + member->outlet->queued_bytes() + member->told_saved + member->sent +
          (member->lagging ? 1 : 0) + (member->may_write ? 2 : 0);
  }
  const bool counts_later = room.residence().document() != nullptr &&
                            room.residence().version() != deleted_version_ &&
                            loop_.now_ms() >= deleted_due_ms_;
  return std::exchange(seen_, sum) != sum || room.residence().saved().unsaved().updates > 0 ||
         counts_later;
}

Json RoomScope::picture(Room& room) {
  const Residence& residence = room.residence();
  const History& history = residence.history();
  const Saved::Unsaved unsaved = residence.saved().unsaved();
  unsaved_.note_saved(residence.saved().through());
  Json authors = Json::array();
  for (const Written& each : authors_) {
    authors.push_back({{"user", each.user}, {"at_ms", each.at_ms}, {"rows", each.rows}});
  }
  const uint64_t now_ms = loop_.now_ms();
  const uint64_t since_ms = std::min(unsaved.since_ms, now_ms);
  return {{"room", name_},
          {"state", name_of(room.state())},
          {"epoch", hex(history.epoch)},
          {"document", document_of(room)},
          {"stored",
           {{"sequence", history.last_seq},
            {"rows", history.log_updates},
            {"bytes", history.snapshot_bytes + history.log_bytes}}},
          {"unsaved",
           {{"bytes", unsaved.bytes},
            {"updates", unsaved.updates},
            {"ms", unsaved.updates == 0 ? 0 : now_ms - since_ms}}},
          {"people_total", room.inside().members.size()},
          {"people", people_of(room)},
          {"presence", presence_of(room)},
          {"authors", std::move(authors)},
          {"authors_read", authors_asked_}};
}

Json RoomScope::people_of(Room& room) const {
  Json out = Json::array();
  for (const Member* member : room.inside().members.all()) {
    if (out.size() == kShownPeople) break;
    const uint64_t untold = member->sent - std::min(member->sent, member->told_saved);
    out.push_back(person_of(*member, unsaved_.of(member->spec.id, untold)));
  }
  return out;
}

// ---- the document

Json RoomScope::document_of(Room& room) {
  const freshet_doc_stats stats = room.residence().stats();
  Json out = {{"bytes", stats.memory_bytes},    {"version", room.residence().version()},
              {"items", stats.items},           {"pending_bytes", stats.pending_bytes},
              {"clients_total", stats.clients}, {"clients", Json::array()},
              {"deleted_total", nullptr}};
  const Document* document = room.residence().document();
  if (document == nullptr) return out;
  const uint64_t now_ms = loop_.now_ms();
  if (now_ms >= deleted_due_ms_ && room.residence().version() != deleted_version_) {
    deleted_due_ms_ = now_ms + kDeletionsEveryMs;
    deleted_version_ = room.residence().version();
    count_deletions(*document, stats);
  }
  if (stats.clients <= kRankedClients) out["clients"] = clients_of(room);
  if (deleted_known_) out["deleted_total"] = deleted_total_;
  return out;
}

// The largest, by how much they have written.
Json RoomScope::clients_of(Room& room) {
  std::vector<uint8_t> bytes;
  if (room.residence().document()->state_vector(bytes) != Status::ok) return Json::array();
  std::vector<std::pair<uint64_t, uint64_t>> clients;  // clock, id
  Reader in(bytes);
  for (uint64_t left = in.varuint(); left > 0 && in.ok(); --left) {
    const uint64_t client = in.varuint();
    clients.emplace_back(in.varuint(), client);
  }
  const size_t shown = std::min(clients.size(), kShownClients);
  std::ranges::partial_sort(clients, clients.begin() + static_cast<ptrdiff_t>(shown),
                            std::greater());
  clients.resize(shown);
  for (const Member* member : room.inside().members.all()) {
    if (member->author && !member->spec.user_id.empty() && users_.size() < kKnownClients) {
      users_[*member->author] = member->spec.user_id;
    }
  }
  Json out = Json::array();
  for (const auto& [clock, client] : clients) {
    const auto deleted = deleted_.find(client);
    const auto user = users_.find(client);
    out.push_back(
        {{"client", client},
         {"clock", clock},
         {"deleted",
          deleted_known_ ? Json(deleted == deleted_.end() ? 0 : deleted->second) : Json(nullptr)},
         {"user", user == users_.end() ? Json(nullptr) : Json(user->second)}});
  }
  return out;
}

// What a peer that has everything lacks is all that was ever deleted.
void RoomScope::count_deletions(const Document& document, const freshet_doc_stats& stats) {
  deleted_known_ = false;
  if (!FRESHET_HAS(&crdt_, describe) || stats.items > kDeletionsOfItems) return;
  std::vector<uint8_t> here, deletions, said;
  if (document.state_vector(here) != Status::ok) return;
  if (document.diff(FRESHET_UPDATE_V1, here, deletions) != Status::ok) return;
  const InPlugin inside("crdt.describe");
  const Status status{crdt_.describe(crdt_.self, FRESHET_UPDATE_V1, to_c(Bytes(deletions)), 0,
                                     VectorSink(said).c())};
  const Json json = status == Status::ok ? Json::parse(said, nullptr, false) : Json();
  const Json of_clients = json.is_object() ? json.value("deleted", Json()) : Json();
  if (!of_clients.is_array()) return;
  deleted_.clear();
  deleted_total_ = 0;
  for (const Json& each : of_clients) {
    const uint64_t client = number_in(each, "client"), length = number_in(each, "length");
    deleted_[client] += length;
    deleted_total_ += length;
  }
  deleted_known_ = true;
}

// ---- who wrote

void RoomScope::note_author(const std::string& user, uint64_t at_ms, uint64_t rows) {
  if (user.empty()) return;
  auto it = std::ranges::find(authors_, user, &Written::user);
  if (it == authors_.end()) {
    authors_.push_back({user, at_ms, 0});
    it = std::prev(authors_.end());
  }
  it->rows += rows;
  it->at_ms = std::max(it->at_ms, at_ms);
  const auto place = std::ranges::find_if(
      authors_, [&](const Written& each) { return &each == &*it || each.at_ms <= it->at_ms; });
  std::rotate(place, it, std::next(it));
  if (authors_.size() > kShownAuthors) authors_.pop_back();
}

void RoomScope::note_stored_authors(const ReplyItems& items) {
  std::string author;
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_UPDATE) author.clear();
    if (item.kind == FRESHET_STORE_AUTHOR) author = as_text(item.bytes);
    if (item.kind == FRESHET_STORE_LAST_TIME) note_author(author, item.number, 1);
  }
  seen_ = 0;
}

void RoomScope::note_user_of_client(const Contribution& update, const std::string& user) {
  if (user.empty() || update.applied.authors != FRESHET_AUTHORS_ONE) return;
  if (users_.size() < kKnownClients) users_[update.applied.author] = user;
}

// ---- updates, as they come

// The room goes on, whether or not there is memory to tell of it.
void RoomScope::on_update(const Contribution& update, const Member* from) {
  const Status told = Status{if_memory([&] {
    note(update, from);
    return Status::ok;
  })};
  if (told == Status::ok) return;
  ++skipped_;
  skipped_bytes_ += update.update.size();
}

void RoomScope::note(const Contribution& update, const Member* from) {
  const uint64_t now_ms = loop_.now_ms();
  if (from != nullptr) {
    unsaved_.note(from->spec.id, room_->residence().saved().position());
    unsaved_.note_saved(room_->residence().saved().through());
    note_author(from->spec.user_id, loop_.unix_ms(), 1);
    note_user_of_client(update, from->spec.user_id);
  }
  if (decoded_.take(now_ms)) return tell_update(update, from, now_ms);
  ++skipped_;
  skipped_bytes_ += update.update.size();
}

void RoomScope::tell_update(const Contribution& update, const Member* from, uint64_t now_ms) {
  tell_skipped(now_ms);
  Json out = {{"room", name_},
              {"at_ms", loop_.unix_ms()},
              {"session", from == nullptr ? Json(nullptr) : Json(from->spec.client)},
              {"user", parsed(view(update.source.user))},
              {"bytes", update.update.size()}};
  if (FRESHET_HAS(&crdt_, describe) && update.update.size() <= kDescribedBytes) {
    std::vector<uint8_t> said;
    const InPlugin inside("crdt.describe");
    const Status status{crdt_.describe(crdt_.self, FRESHET_UPDATE_V1, to_c(update.update),
                                       kShownOperations, VectorSink(said).c())};
    const Json json = status == Status::ok ? Json::parse(said, nullptr, false) : Json();
    if (json.is_object()) {
      for (const char* key : {"structs", "deletes", "operations", "more"})
        out[key] = json.value(key, Json());
    }
  }
  tell_(message_text("update", std::move(out)));
}

void RoomScope::tell_skipped(uint64_t now_ms) {
  if (skipped_ == 0 || now_ms < skipped_due_ms_) return;
  skipped_due_ms_ = now_ms + 1'000;
  tell_(message_text("updates_skipped", {{"room", name_},
                                         {"updates", std::exchange(skipped_, 0)},
                                         {"bytes", std::exchange(skipped_bytes_, 0)}}));
}

}  // namespace freshet
