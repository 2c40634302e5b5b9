#include "sim/clients/sim_client.h"

#include <utility>

#include "freshet/format/codec.h"

namespace freshet::sim {
namespace {

enum : uint8_t { kSync = 0, kAwareness = 1, kAuth = 2 };
enum : uint8_t { kStep1 = 0, kStep2 = 1, kUpdate = 2 };
constexpr WireWords kYjsWords{4400, 4499, true};
constexpr uint64_t kRenewUs = 15 * kSecond;

// For the trace: "update 7:3..5 -9:1..2".
std::string shown_frame(uint64_t step, Bytes payload) {
  const std::string out = step == kStep1 ? "step1" : step == kStep2 ? "step2" : "update";
  if (step == kStep1) return out + sim::shown(read_state_vector(payload).value_or(IdRanges{}), "");
  return out + sim::shown(ids_of(payload));
}

}  // namespace

SimClient::SimClient(Scene& scene, const Address& address, const SimDisk& disk, uint64_t id,
                     ClientOptions options)
    : Participant(scene, address, disk, id, kYjsWords, std::move(options)),
      awareness_(scene, options_.name, id) {}

// ---- coming and going

void SimClient::go_online() {
  if (!std::exchange(renewing_, true)) {
    scene_.timeline.after(kRenewUs, [this] { renew_presence(); });
  }
  Participant::go_online();
}

std::string SimClient::target() const {
  return "/yjs/" + options_.room + (options_.query.empty() ? "" : "?" + options_.query);
}

void SimClient::greet() {
  std::vector<uint8_t> state_vector;
  doc_.state_vector(state_vector);
  send_sync(kStep1, state_vector);
  if (awareness_.shows()) send(awareness_.message({id()}));
}

// ---- editing

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

// ---- presence

void SimClient::show(std::optional<std::string> json) {
  awareness_.show(std::move(json));
  if (connected_) send(awareness_.message({id()}));
}

std::string SimClient::shown() const {
  const auto all = present();
  const auto own = all.find(id());
  return own == all.end() ? "" : own->second;
}

std::multiset<std::string> SimClient::seen() const {
  std::multiset<std::string> out;
  for (const auto& [client, json] : present()) out.insert(json);
  return out;
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
