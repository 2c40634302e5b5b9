#include "sim/clients/hocuspocus_client.h"

#include <utility>

#include "freshet/format/codec.h"

namespace freshet::sim {
namespace {

enum : uint8_t { kSync = 0, kAwareness = 1, kAuth = 2, kStateless = 5, kClose = 7, kStatus = 8 };
enum : uint8_t { kStep1 = 0, kStep2 = 1, kUpdate = 2 };
enum : uint8_t { kToken = 0, kDenied = 1, kAuthenticated = 2 };
constexpr WireWords kHocuspocusWords{1, 0, false};  // it comes back after any code
constexpr uint64_t kRenewUs = 15 * kSecond;

}  // namespace

HocuspocusClient::HocuspocusClient(Scene& scene, const Address& address, const SimDisk& disk,
                                   uint64_t id, ClientOptions options)
    : Participant(scene, address, disk, id, kHocuspocusWords, std::move(options)),
      awareness_(scene, options_.name, id) {}

// ---- coming and going

void HocuspocusClient::go_online() {
  if (!std::exchange(renewing_, true)) {
    scene_.timeline.after(kRenewUs, [this] { renew_presence(); });
  }
  Participant::go_online();
}

void HocuspocusClient::greet() {
  const std::string& token = options_.query;
  say({kAuth, kToken}, as_bytes(token.empty() ? "none" : token));
  unsynced_ = 1;
  std::vector<uint8_t> state_vector;
  doc_.state_vector(state_vector);
  say({kSync, kStep1}, state_vector);
  show_json(shown());
}

void HocuspocusClient::forget_others() {
  awareness_.drop_others();
  asked_ = heard_ = false;
}

// ---- what it says

void HocuspocusClient::say(std::initializer_list<uint8_t> head, Bytes payload) {
  std::vector<uint8_t> frame;
  Writer out(frame);
  out.string(options_.room);
  for (const uint8_t byte : head) out.u8(byte);
  out.bytes(payload);
  send(frame);
}

void HocuspocusClient::made(Bytes update) {
  const auto ids = options_.writes ? read_update_ids(update) : std::nullopt;
  if (!ids) return;
  UpdateIds own;
  own.structs = ids->structs.of(id());
  // By itself a deletion may be no news: of what was in a deleted type.
  if (!own.structs.empty()) own.deletes = ids->deletes;
  made_.add(own);
}

void HocuspocusClient::send_update(Bytes update) {
  made(update);
  ++unsynced_;
  say({kSync, kUpdate}, update);
}

// What it makes while it is not connected it keeps.
void HocuspocusClient::edit(const Author::Update& update) {
  Participant::edit(update);
  if (connected_) return;
  made(update);
  ++unsynced_;
  queue_.push_back(update);
}

void HocuspocusClient::show_json(const std::string& json) {
  if (json != shown()) awareness_.show(json);
  if (!connected_ || !awareness_.shows()) return;
  const std::vector<uint8_t> message = awareness_.message({id()});
  std::vector<uint8_t> frame;
  Writer(frame).string(options_.room);
  frame.insert(frame.end(), message.begin(), message.end());
  send(frame);
}

void HocuspocusClient::renew_presence() {
  awareness_.renew();
  if (connected_) show_json(shown());
  scene_.timeline.after(kRenewUs, [this] { renew_presence(); });
}

// ---- what it hears

void HocuspocusClient::complain(const std::string& what) {
  scene_.verdict.broke(Broken::undecodable, options_.name + " " + what);
}

void HocuspocusClient::on_message(Bytes message, bool text) {
  if (!std::exchange(heard_, true)) {
    for (const std::vector<uint8_t>& update : std::exchange(queue_, {})) {
      say({kSync, kUpdate}, update);
    }
  }
  Reader in(message);
  const std::string_view address = in.string();
  const uint64_t type = in.varuint();
  const uint64_t step = type == kSync || type == kAuth || type == kStatus ? in.varuint() : 0;
  const Bytes payload = type == kStatus ? Bytes() : in.bytes();
  const bool whole = in.ok() && in.at_end() && address == options_.room;
  if (text || !whole) return complain("got a frame that is none of Hocuspocus");
  switch (type) {
    case kSync: return take_sync(step, payload);
    case kAwareness: return take_awareness(payload);
    case kAuth: return take_auth(step, payload);
    case kStateless: return;
    case kClose: return end(payload);
    case kStatus: return take_status(step == 1);
    default: return complain("got a message of type " + std::to_string(type));
  }
}

void HocuspocusClient::take_sync(uint64_t step, Bytes payload) {
  if (step == kStep1) {
    asked_ = true;
    std::vector<uint8_t> missing;
    if (doc_.diff(payload, missing) != Status::ok) return complain("got a bad state vector");
    return say({kSync, kStep2}, missing);
  }
  if (step == kStep2 && !asked_) complain("was given its first state before it was asked for its");
  take_update(payload, step == kStep2);
}

void HocuspocusClient::take_auth(uint64_t what, Bytes payload) {
  if (what == kAuthenticated) return;
  if (what != kDenied) return complain("was asked for another token");
  denied_.emplace_back(as_text(payload));
  lose_connection(0);
}

void HocuspocusClient::take_awareness(Bytes payload) {
  const auto news = awareness_.hear(payload);
  if (!news) return complain("got bad awareness");
  if (news->about_me) show_json(shown());
}

void HocuspocusClient::take_status(bool saved) {
  if (!saved) return;
  if (unsynced_ == 0) {
    return scene_.verdict.broke(Broken::doubled, options_.name + " is told of more than it sent");
  }
  if (--unsynced_ != 0) return;
  books_.acknowledge(made_);
  acknowledge(made_);
}

// Its page is loaded anew.
void HocuspocusClient::end(Bytes why) {
  ended_ = as_text(why);
  trace("its document is ended: " + ended_);
  if (options_.comes_back) lose_connection(0);
}

// ---- what it has

std::string HocuspocusClient::shown() const {
  const auto all = present();
  const auto own = all.find(id());
  return own == all.end() ? "" : own->second;
}

std::multiset<std::string> HocuspocusClient::seen() const {
  std::multiset<std::string> out;
  for (const auto& [client, json] : present()) out.insert(json);
  return out;
}

}  // namespace freshet::sim
