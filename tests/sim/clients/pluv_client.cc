#include "sim/clients/pluv_client.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "protocol-pluv/base64.h"

namespace freshet::sim {
namespace {

using Json = nlohmann::json;

constexpr WireWords kPluvWords{3000, 3000, false};
constexpr uint64_t kPingUs = 10 * kSecond;
constexpr uint64_t kFirstAuthor = uint64_t{1} << 40;  // beside its own id

std::string in_base64(Bytes bytes) {
  std::string out(pluv::base64_room(bytes.size()), '\0');
  auto* begin = reinterpret_cast<uint8_t*>(out.data());
  out.resize(static_cast<size_t>(pluv::put_base64(begin, bytes) - begin));
  return out;
}

std::vector<uint8_t> whole(const crdt::Doc& doc) {
  std::vector<uint8_t> out;
  static_cast<void>(doc.diff({}, out));
  return out;
}

}  // namespace

PluvClient::PluvClient(Scene& scene, const Address& address, const SimDisk& disk, uint64_t id,
                       ClientOptions options)
    : Participant(scene, address, disk, id, kPluvWords, std::move(options)) {}

void PluvClient::go_online() {
  if (!std::exchange(pinging_, true)) scene_.timeline.after(kPingUs, [this] { ping(); });
  Participant::go_online();
}

void PluvClient::ping() {
  if (connected_) say("$ping", Json::object());
  scene_.timeline.after(kPingUs, [this] { ping(); });
}

std::string PluvClient::target() const {
  return "/pluv/" + options_.room + "?acks=1" +
         (options_.query.empty() ? "" : "&" + options_.query);
}

void PluvClient::forget_others() {
  built_ = false;
  others_.clear();
  sent_.clear();
  heard_waves_.clear();
}

// ---- what it says

void PluvClient::say(const char* type, const Json& data) {
  send(as_bytes(Json{{"type", type}, {"data", data}}.dump()), true);
}

void PluvClient::show_json(const std::string& json) {
  shown_ = json;
  if (built_) say("$updatePresence", {{"presence", Json::parse(json)}});
}

void PluvClient::wave() {
  ++waves_;
  if (built_) say("wave", {{"n", waves_}});
}

// What it has, or what a room may begin with: the same bytes each time, as of one author.
void PluvClient::offer() {
  std::vector<uint8_t> state = whole(doc_);
  if (known().empty()) {
    state = Author(id() + kFirstAuthor).type({kFirstRoot}, 0, options_.name + ";");
  }
  say("$initializeSession", {{"presence", Json::parse(shown_)}, {"update", in_base64(state)}});
}

void PluvClient::upload(Bytes update, const char* origin) {
  UpdateIds own;
  if (const auto ids = read_update_ids(update)) {
    own.structs = ids->structs.of(id());
    // By itself a deletion may be no news: of what was in a deleted type.
    if (origin == nullptr && !own.structs.empty()) own.deletes = ids->deletes;
  }
  if (scene_.verdict.tracing()) {
    trace("sends update " + std::to_string(sent_.size() + 1) + sim::shown(ids_of(update)));
  }
  sent_.push_back(std::move(own));
  const Json said = origin == nullptr ? Json(nullptr) : Json(origin);
  say("$updateStorage", {{"origin", said}, {"update", in_base64(update)}});
}

// Before its document stands it sends nothing: then it sends all.
void PluvClient::send_update(Bytes update) {
  if (built_) upload(update, nullptr);
}

// ---- what it hears

void PluvClient::on_message(Bytes message, bool text) {
  const Json heard = Json::parse(as_text(message), nullptr, false);
  if (!text || !heard.is_object() || !heard.contains("type") || !heard.contains("data")) {
    return scene_.verdict.broke(Broken::undecodable,
                                options_.name + " got a message that is none of pluv's");
  }
  const auto type = heard.at("type").get<std::string>();
  const Json& data = heard.at("data");
  if (scene_.verdict.tracing() && type != "$pong") trace("hears " + type + " " + data.dump());
  if (type == "$registered") {
    self_ = data.at("sessionId").get<std::string>();
    return offer();
  }
  if (type == "$storageReceived") return build(data);
  if (type == "$saved") return note_saved(data.at("update").get<uint64_t>());
  if (type == "$storageUpdated") {
    std::vector<uint8_t> update;
    static_cast<void>(pluv::decode_base64(data.at("state").get<std::string>(), update));
    return take_update(update, false);
  }
  if (type == "wave") {
    return hear_wave(heard.at("connectionId").get<std::string>(), data.at("n").get<uint64_t>());
  }
  hear_of_others(type, heard);
}

void PluvClient::build(const Json& data) {
  std::vector<uint8_t> state;
  static_cast<void>(pluv::decode_base64(data.at("state").get<std::string>(), state));
  take_update(state, true);
  built_ = true;
  upload(whole(doc_), "$initialized");
  show_json(shown_);  // it may be another than when it came
}

void PluvClient::note_saved(uint64_t number) {
  if (number == 0 || number > sent_.size()) {
    return scene_.verdict.broke(Broken::undecodable,
                                options_.name + " is told of an update it has not sent");
  }
  const UpdateIds& own = sent_[number - 1];
  books_.acknowledge(own);
  acknowledge(own);
}

// A connection hears of each once at most, and of one sender's in their order.
void PluvClient::hear_wave(const std::string& from, uint64_t number) {
  uint64_t& last = heard_waves_[from];
  if (number <= last) {
    scene_.verdict.broke(Broken::doubled, options_.name + " heard event " + std::to_string(number) +
                                              " of " + from + " after " + std::to_string(last));
  }
  last = number;
}

void PluvClient::hear_of_others(const std::string& type, const Json& message) {
  const Json& data = message.at("data");
  if (type == "$userJoined") {
    others_[data.at("connectionId").get<std::string>()] = data.at("presence").dump();
    // One's own is what makes a client ask for the others.
    if (data.at("connectionId") == self_) say("$getOthers", Json::object());
  } else if (type == "$presenceUpdated") {
    others_[message.at("connectionId").get<std::string>()] = data.at("presence").dump();
  } else if (type == "$exit") {
    others_.erase(data.at("sessionId").get<std::string>());
  } else if (type == "$othersReceived") {
    std::erase_if(others_, [this](const auto& each) { return each.first != self_; });
    for (const auto& [id, other] : data.at("others").items()) {
      others_[id] = other.at("presence").dump();
    }
  }
}

std::multiset<std::string> PluvClient::seen() const {
  std::multiset<std::string> out;
  for (const auto& [id, json] : others_) out.insert(json);
  return out;
}

}  // namespace freshet::sim
