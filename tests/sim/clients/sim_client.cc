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
    : scene_(scene), address_(address), disk_(disk), options_(std::move(options)), author_(id) {
  shown_[id].json = "{}";  // at clock 0, as a new Awareness has it
}

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
  drop_others();
}

void SimClient::lose_connection(uint64_t seen_after_us) {
  if (socket_ == 0) return;
  trace("loses its connection");
  server_->vanish(socket_, seen_after_us);
  connected_ = synced_ = false;
  socket_ = 0;
  drop_others();
  connect_later();
}

void SimClient::connect() {
  if (!online_ || socket_ != 0 || stays_away_) return;
  if (address_.server == nullptr) return connect_later();
  server_ = address_.server;
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

void SimClient::on_connected(std::string_view subprotocol) {
  trace("is connected, as author " + std::to_string(id()));
  connected_ = true;
  subprotocol_ = subprotocol;
  std::vector<uint8_t> state_vector;
  doc_.state_vector(state_vector);
  send_sync(kStep1, state_vector);
  if (shown_[id()].json) send_awareness({id()});
}

void SimClient::on_closed(uint16_t code, std::string_view reason, uint16_t status) {
  trace("is closed with " + std::to_string(code) + " " + std::string(reason));
  connected_ = synced_ = false;
  socket_ = 0;
  close_code_ = code;
  refused_status_ = status;
  drop_others();
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
    if (const auto ids = read_update_ids(update)) {
      for (const auto& [client, spans] : ids->structs.clients()) {
        for (const auto& [begin, end] : spans) {
          for (const auto& [of, ranges] : ids->deletes.clients()) {
            for (const auto& [from, to] : ranges) {
              deleted_with_[begin].push_back({of, from, to - from});
            }
          }
        }
      }
    }
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
  return socket_ == 0 ? 0 : server_->queued_bytes(socket_);
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
  heard_.add(*ids);
  if (first_state) {
    synced_ = true;
    failures_ = 0;
    // Deletions are left out: losing map entries and what was in a deleted type are deleted by
    // everybody for himself.
    if (const auto missing = disk_.ids(options_.room).structs.lacks(ids->structs)) {
      scene_.verdict.broke(Broken::served_unsaved, options_.name + " was given " + *missing);
    }
  }
  check_acknowledged(*ids);
}

// One's own content comes back only when it is saved, whatever brings it.
void SimClient::check_acknowledged(const UpdateIds& got) {
  UpdateIds own;
  own.structs = got.structs.of(id());
  if (own.structs.empty()) return;
  for (const auto& [begin, deletions] : deleted_with_) {
    if (!own.structs.contains(id(), begin, 1)) continue;
    for (const Deletion& d : deletions) own.deletes.add(d.client, d.clock, d.len);
  }
  acknowledged_.add(own);
  if (const auto missing = disk_.ids(options_.room).lacks(own)) {
    scene_.verdict.broke(Broken::acknowledged_unsaved, options_.name + " was told of " + *missing);
  }
}

std::string SimClient::text() const {
  std::string out;
  doc_.text("text", out);
  return out;
}

std::string SimClient::json() const {
  std::string out;
  doc_.json(out);
  return out;
}

IdRanges SimClient::known() const {
  std::vector<uint8_t> state_vector;
  doc_.state_vector(state_vector);
  return read_state_vector(state_vector).value_or(IdRanges{});
}

// ---- presence

void SimClient::show(std::optional<std::string> json) {
  Shown& own = shown_[id()];
  ++own.clock;
  own.json = std::move(json);
  if (connected_) send_awareness({id()});
}

// What they showed, as providers do. Their clocks stay: they are what makes old news old.
void SimClient::drop_others() {
  for (auto& [client, shown] : shown_) {
    if (client != id()) shown.json.reset();
  }
}

void SimClient::renew_presence() {
  Shown& own = shown_[id()];
  if (own.json) {
    ++own.clock;
    if (connected_) send_awareness({id()});
  }
  scene_.timeline.after(kRenewUs, [this] { renew_presence(); });
}

void SimClient::send_awareness(const std::vector<uint64_t>& clients) {
  std::vector<uint8_t> entries;
  Writer inner(entries);
  inner.varuint(clients.size());
  for (const uint64_t client : clients) {
    const Shown& shown = shown_[client];
    if (scene_.verdict.tracing()) {
      trace("shows " + std::to_string(client) + " at " + std::to_string(shown.clock) + ": " +
            shown.json.value_or("null"));
    }
    inner.varuint(client);
    inner.varuint(shown.clock);
    inner.string(shown.json.value_or("null"));
  }
  std::vector<uint8_t> frame;
  Writer out(frame);
  out.varuint(kAwareness);
  out.bytes(entries);
  send(frame);
}

// As y-protocols' applyAwarenessUpdate, and as providers then pass on what changed.
void SimClient::on_awareness(Bytes payload) {
  ++received.awareness;
  Reader in(payload);
  const uint64_t count = in.varuint();
  std::vector<uint64_t> changed;
  bool about_me = false;
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    const uint64_t client = in.varuint();
    uint64_t clock = in.varuint();
    const std::string_view json = in.string();
    if (!in.ok()) break;
    Shown& shown = shown_[client];
    const bool gone = json == "null";
    if (scene_.verdict.tracing()) {
      trace("hears of " + std::to_string(client) + " at " + std::to_string(clock) + ": " +
            std::string(json) + ", knows " + std::to_string(shown.clock));
    }
    if (clock < shown.clock || (clock == shown.clock && !(gone && shown.json))) continue;
    if (gone && client == id() && shown.json) {
      shown.clock = clock + 1;  // it is still there, and says so
      about_me = true;
      continue;
    }
    shown.clock = clock;
    shown.json = gone ? std::nullopt : std::optional<std::string>(json);
    changed.push_back(client);
  }
  if (!in.ok() || !in.at_end()) {
    return scene_.verdict.broke(Broken::undecodable, options_.name + " got bad awareness");
  }
  if (about_me) send_awareness({id()});
  if (options_.passes_presence_on && !changed.empty()) send_awareness(changed);
}

std::map<uint64_t, std::string> SimClient::present() const {
  std::map<uint64_t, std::string> out;
  for (const auto& [client, shown] : shown_) {
    if (shown.json) out.emplace(client, *shown.json);
  }
  return out;
}

}  // namespace freshet::sim
