#include "sim/clients/sim_client.h"

#include <algorithm>

#include "freshet/format/codec.h"

namespace freshet::sim {
namespace {

enum : uint8_t { kSync = 0, kAwareness = 1, kAuth = 2 };
enum : uint8_t { kStep1 = 0, kStep2 = 1, kUpdate = 2 };
constexpr uint64_t kRenewUs = 15 * kSecond;
constexpr uint64_t kBackoffUs = 200 * kMs;
constexpr uint64_t kBackoffMostUs = 2'500 * kMs;

bool is_final(uint16_t code) { return code >= 4400 && code < 4500; }

// For the trace: "update 7:3..5 -9:1..2".
std::string shown_frame(uint64_t step, Bytes payload) {
  std::string out = step == kStep1 ? "step1" : step == kStep2 ? "step2" : "update";
  const auto show = [&](const IdRanges& ranges, const char* sign) {
    for (const auto& [client, spans] : ranges.clients()) {
      for (const auto& [begin, end] : spans) {
        out += std::string(" ") + sign + std::to_string(client) + ":" + std::to_string(begin) +
               ".." + std::to_string(end);
      }
    }
  };
  if (step == kStep1) {
    show(read_state_vector(payload).value_or(IdRanges{}), "");
  } else if (const auto ids = read_update_ids(payload)) {
    show(ids->structs, "");
    show(ids->deletes, "-");
  }
  return out;
}

}  // namespace

SimClient::SimClient(Scene& scene, const Address& address, const SimDisk& disk, uint64_t id,
                     ClientOptions options)
    : scene_(scene),
      address_(&address),
      disk_(disk),
      options_(std::move(options)),
      author_(id),
      books_(id),
      awareness_(scene, options_.name, id) {}

void SimClient::trace(const std::string& what) const { scene_.verdict.trace(options_.name, what); }

// ---- coming and going

void SimClient::go_online() {
  online_ = true;
  if (!std::exchange(renewing_, true)) {
    scene_.timeline.after(kRenewUs, [this] { renew_presence(); });
  }
  if (!connected_ && socket_ == 0) connect();
}

void SimClient::go_offline() {
  online_ = false;
  if (socket_ != 0) server_->hang_up(socket_);
  trace("goes offline");
  connected_ = synced_ = false;
  socket_ = 0;
  awareness_.drop_others();
}

void SimClient::move_to(const Address& address) {
  address_ = &address;
  if (socket_ == 0) return;
  const bool online = online_;
  go_offline();
  if (online) go_online();
}

void SimClient::lose_connection(uint64_t seen_after_us) {
  if (socket_ == 0) return;
  trace("loses its connection");
  server_->vanish(socket_, seen_after_us);
  connected_ = synced_ = false;
  socket_ = 0;
  awareness_.drop_others();
  connect_later();
}

void SimClient::connect() {
  if (!online_ || socket_ != 0 || stays_away_) return;
  if (address_->server == nullptr) return connect_later();
  server_ = address_->server;
  stored_when_it_came_ = disk_.updates(options_.room);
  std::string target = "/yjs/" + options_.room;
  if (!options_.query.empty()) target += "?" + options_.query;
  socket_ = server_->connect(*this, target, options_.movable);
}

void SimClient::connect_later() {
  if (retry_pending_ || !options_.comes_back) return;
  retry_pending_ = true;
  const uint64_t delay_us = std::min(kBackoffMostUs, kBackoffUs << std::min(failures_, 5u));
  ++failures_;
  scene_.timeline.after(delay_us, [this] {
    retry_pending_ = false;
    connect();
  });
}

void SimClient::on_connected(std::string_view) {
  trace("is connected, as author " + std::to_string(id()));
  connected_ = true;
  std::vector<uint8_t> state_vector;
  doc_.state_vector(state_vector);
  send_sync(kStep1, state_vector);
  if (awareness_.shows()) send(awareness_.message({id()}));
}

void SimClient::on_closed(uint16_t code, std::string_view reason, uint16_t) {
  trace("is closed with " + std::to_string(code) + " " + std::string(reason));
  connected_ = synced_ = false;
  socket_ = 0;
  close_code_ = code;
  close_reason = reason;
  awareness_.drop_others();
  if (is_final(code)) {
    stays_away_ = true;
    return;
  }
  if (online_) connect_later();
}

// ---- editing

void SimClient::type(std::string_view ascii) {
  const Place text{"text"};
  edit(author_.type(text, author_.length(text), ascii));
}

void SimClient::type_at(size_t at, std::string_view ascii) {
  edit(author_.type({"text"}, at, ascii));
}

void SimClient::edit(const Author::Update& update) {
  if (options_.writes) {
    if (!doc_.apply(update)) {
      scene_.verdict.broke(Broken::undecodable, options_.name + " wrote what no engine takes");
    }
    if (const auto ids = read_update_ids(update)) books_.wrote(*ids);
  }
  if (synced_ || connected_) send_update(update);
}

void SimClient::send(Bytes frame, bool text) {
  if (socket_ != 0) server_->send(socket_, frame, text);
}

void SimClient::send_update(Bytes update) { send_sync(kUpdate, update); }

void SimClient::send_sync(uint8_t step, Bytes payload) {
  if (scene_.verdict.tracing()) trace("sends " + shown_frame(step, payload));
  std::vector<uint8_t> frame;
  Writer out(frame);
  out.varuint(kSync);
  out.varuint(step);
  out.bytes(payload);
  send(frame);
}

void SimClient::read_speed(uint64_t bytes_per_ms) {
  if (socket_ != 0) server_->read_speed(socket_, bytes_per_ms);
}

size_t SimClient::backlog_bytes() const {
  return socket_ == 0 ? 0 : server_->connections().queued_bytes(socket_);
}

// ---- what the server says

void SimClient::on_message(Bytes message, bool text) {
  ++received.messages;
  Reader in(message);
  const uint64_t type = in.varuint();
  const uint64_t step = type == kSync || type == kAuth ? in.varuint() : 0;
  const Bytes payload = in.bytes();
  const uint64_t last_step = type == kAuth ? 0 : uint64_t{kUpdate};
  if (text || !in.ok() || !in.at_end() || type > kAuth || step > last_step) {
    return scene_.verdict.broke(Broken::undecodable,
                                options_.name + " got a frame that is no y-websocket frame");
  }
  if (type == kSync) return on_sync(payload, step);
  if (type == kAuth) {
    refusals_.emplace_back(as_text(payload));
    return;
  }
  on_awareness(payload);
}

void SimClient::on_sync(Bytes payload, uint64_t step) {
  if (scene_.verdict.tracing()) trace("gets " + shown_frame(step, payload));
  if (step == kStep1) {
    ++received.step1;
    std::vector<uint8_t> missing;
    if (doc_.diff(payload, missing) != Status::ok) {
      return scene_.verdict.broke(Broken::undecodable, options_.name + " got a bad state vector");
    }
    return send_sync(kStep2, missing);
  }
  step == kStep2 ? ++received.step2 : ++received.updates;
  take_update(payload, step == kStep2);
}

void SimClient::take_update(Bytes update, bool first_state) {
  const auto ids = read_update_ids(update);
  const auto applied = doc_.load(update);
  if (!ids || !applied || !applied->canonical) {
    return scene_.verdict.broke(Broken::undecodable,
                                options_.name + " got an update that is none, or an odd one");
  }
  const UpdateIds own = books_.hear(*ids);
  if (first_state) {
    synced_ = true;
    failures_ = 0;
    // Deletions are left out: losing map entries and what was in a deleted type are deleted by
    // everybody for himself.
    if (const auto missing = disk_.ids(options_.room).structs.lacks(ids->structs)) {
      scene_.verdict.broke(Broken::served_unsaved, options_.name + " was given " + *missing);
    }
  }
  if (own.structs.empty()) return;
  if (const auto missing = disk_.ids(options_.room).lacks(own)) {
    scene_.verdict.broke(Broken::acknowledged_unsaved, options_.name + " was told of " + *missing);
  }
}

std::string SimClient::text() const {
  std::string out;
  doc_.text("text", out);
  return out;
}

IdRanges SimClient::known() const {
  std::vector<uint8_t> state_vector;
  doc_.state_vector(state_vector);
  return read_state_vector(state_vector).value_or(IdRanges{});
}

// ---- presence

void SimClient::show(std::optional<std::string> json) {
  awareness_.show(std::move(json));
  if (connected_) send(awareness_.message({id()}));
}

void SimClient::renew_presence() {
  awareness_.renew();
  if (awareness_.shows() && connected_) send(awareness_.message({id()}));
  scene_.timeline.after(kRenewUs, [this] { renew_presence(); });
}

// Some providers pass on what changed.
void SimClient::on_awareness(Bytes payload) {
  ++received.awareness;
  const auto news = awareness_.hear(payload);
  if (!news) {
    return scene_.verdict.broke(Broken::undecodable, options_.name + " got bad awareness");
  }
  if (news->about_me) send(awareness_.message({id()}));
  if (options_.passes_presence_on && !news->changed.empty()) {
    send(awareness_.message(news->changed));
  }
}

}  // namespace freshet::sim
