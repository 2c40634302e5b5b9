#include "sim/clients/participant.h"

#include <algorithm>
#include <utility>

namespace freshet::sim {
namespace {

constexpr uint64_t kBackoffUs = 200 * kMs;
constexpr uint64_t kBackoffMostUs = 2'500 * kMs;

}  // namespace

Participant::Participant(Scene& scene, const Address& address, const SimDisk& disk, uint64_t id,
                         const WireWords& words, ClientOptions options)
    : scene_(scene),
      disk_(disk),
      options_(std::move(options)),
      author_(id),
      books_(id),
      words_(words),
      address_(&address) {}

void Participant::trace(const std::string& what) const {
  scene_.verdict.trace(options_.name, what);
}

// ---- coming and going

void Participant::go_online() {
  online_ = true;
  if (!connected_ && socket_ == 0) connect();
}

void Participant::go_offline() {
  online_ = false;
  if (socket_ != 0) server_->hang_up(socket_);
  trace("goes offline");
  cut_off();
}

void Participant::move_to(const Address& address) {
  address_ = &address;
  if (socket_ == 0) return;
  const bool online = online_;
  go_offline();
  if (online) go_online();
}

void Participant::lose_connection(uint64_t seen_after_us) {
  if (socket_ == 0) return;
  trace("loses its connection");
  server_->vanish(socket_, seen_after_us);
  cut_off();
  connect_later();
}

void Participant::cut_off() {
  connected_ = synced_ = false;
  socket_ = 0;
  forget_others();
}

void Participant::connect() {
  if (!online_ || socket_ != 0 || stays_away_) return;
  if (address_->server == nullptr) return connect_later();
  server_ = address_->server;
  stored_when_it_came_ = disk_.updates(options_.room);
  socket_ = server_->connect(*this, target(), options_.movable);
}

void Participant::connect_later() {
  if (retry_pending_ || !options_.comes_back) return;
  retry_pending_ = true;
  const uint64_t delay_us = std::min(kBackoffMostUs, kBackoffUs << std::min(failures_, 5u));
  ++failures_;
  scene_.timeline.after(delay_us, [this] {
    retry_pending_ = false;
    connect();
  });
}

void Participant::on_connected(std::string_view) {
  trace("is connected, as author " + std::to_string(id()));
  connected_ = true;
  greet();
}

void Participant::on_closed(uint16_t code, std::string_view reason, uint16_t) {
  trace("is closed with " + std::to_string(code) + " " + std::string(reason));
  close_code_ = code;
  close_reason = reason;
  cut_off();
  if (code >= words_.first_final && code <= words_.last_final) {
    stays_away_ = true;
    return;
  }
  if (online_) connect_later();
}

// ---- editing

void Participant::type(std::string_view ascii) {
  const Place text{"text"};
  edit(author_.type(text, author_.length(text), ascii));
}

void Participant::type_at(size_t at, std::string_view ascii) {
  edit(author_.type({"text"}, at, ascii));
}

void Participant::edit(const Author::Update& update) {
  if (options_.writes) {
    if (!doc_.apply(update)) {
      scene_.verdict.broke(Broken::undecodable, options_.name + " wrote what no engine takes");
    }
    if (const auto ids = read_update_ids(update)) books_.wrote(*ids);
  }
  if (synced_ || connected_) send_update(update);
}

void Participant::send(Bytes frame, bool text) {
  if (socket_ != 0) server_->send(socket_, frame, text);
}

void Participant::read_speed(uint64_t bytes_per_ms) {
  if (socket_ != 0) server_->read_speed(socket_, bytes_per_ms);
}

size_t Participant::backlog_bytes() const {
  return socket_ == 0 ? 0 : server_->connections().queued_bytes(socket_);
}

// ---- what the server says

void Participant::take_update(Bytes update, bool first_state) {
  const auto ids = read_update_ids(update);
  const auto applied = doc_.load(update);
  if (!ids || !applied || !applied->canonical) {
    return scene_.verdict.broke(Broken::undecodable,
                                options_.name + " got an update that is none, or an odd one");
  }
  const bool is_saved = first_state || words_.echo_saves;
  const UpdateIds own = is_saved ? books_.hear(*ids) : UpdateIds();
  if (first_state) {
    synced_ = true;
    failures_ = 0;
    // Deletions are left out: losing map entries and what was in a deleted type are deleted by
    // everybody for himself.
    if (const auto missing = disk_.ids(options_.room).structs.lacks(ids->structs)) {
      scene_.verdict.broke(Broken::served_unsaved, options_.name + " was given " + *missing);
    }
  }
  if (!own.structs.empty()) acknowledge(own);
}

void Participant::acknowledge(const UpdateIds& own) {
  if (const auto missing = disk_.ids(options_.room).lacks(own)) {
    scene_.verdict.broke(Broken::acknowledged_unsaved, options_.name + " was told of " + *missing);
  }
}

std::string Participant::text() const {
  std::string out;
  doc_.text("text", out);
  return out;
}

IdRanges Participant::known() const {
  std::vector<uint8_t> state_vector;
  doc_.state_vector(state_vector);
  return read_state_vector(state_vector).value_or(IdRanges{});
}

}  // namespace freshet::sim
