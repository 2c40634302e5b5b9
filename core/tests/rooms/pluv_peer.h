// A pluv client for scripted tests: it does nothing by itself, and keeps all it is told.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "freshet/crdt/doc.h"
#include "protocol-pluv/base64.h"
#include "sim/world.h"

namespace freshet::sim {

using Json = nlohmann::json;

// Says a user's id as its token, or "?" for a token that is none; "old" and "brief" for one that
// has expired, or will soon.
class TokenAuth final : public Auth {
 public:
  Status identify(const freshet_auth_request& request, Reply out) override {
    const std::string_view target = view(request.request->target);
    const std::string_view token = target.substr(target.find("token=") + 6);
    if (token == "?") return Status::unauthenticated;
    if (token == "old") return out.write(FRESHET_AUTH_EXPIRES, request.unix_ms);
    if (token == "brief") {
      FRESHET_CHECK(out.write(FRESHET_AUTH_EXPIRES, request.unix_ms + 20'000));
    }
    if (token == "reader") return out.write(FRESHET_AUTH_PERMISSION, uint64_t{FRESHET_READ_ONLY});
    FRESHET_CHECK(out.write(FRESHET_AUTH_USER, R"({"id":")" + std::string(token) + "\"}"));
    return out.write(FRESHET_AUTH_PERMISSION, uint64_t{FRESHET_READ_WRITE});
  }
};

inline std::string base64(Bytes bytes) {
  std::string out(pluv::base64_room(bytes.size()), '\0');
  auto* begin = reinterpret_cast<uint8_t*>(out.data());
  out.resize(static_cast<size_t>(pluv::put_base64(begin, bytes) - begin));
  return out;
}

enum class Speaks { json, msgpack };

// Whose clients say who they are.
struct PluvWorld : World {
  // `shared`: others append to the same store.
  explicit PluvWorld(const Limits& limits = {}, bool shared = false)
      : World({.limits = limits, .shared = shared, .auth = &auth_}) {}
  static inline TokenAuth auth_;
};

class PluvPeer final : public Peer {
 public:
  PluvPeer(World& world, const std::string& query, Movable movable = Movable::yes,
           Speaks speaks = Speaks::json)
      : speaks_(speaks), world_(world) {
    Headers headers;
    if (speaks == Speaks::msgpack) headers = {{"Sec-WebSocket-Protocol", "freshet.msgpack"}};
    socket_ = world.platform().connect(*this, "/pluv/r" + query, movable, std::move(headers));
    world.settle();
  }
  PluvPeer(const PluvPeer&) = delete;
  PluvPeer& operator=(const PluvPeer&) = delete;

  void say(const std::string& type, const Json& data) {
    say_at_once(type, data);
    world_.settle();
  }
  void say_at_once(const std::string& type, const Json& data) {
    const Json message{{"type", type}, {"data", data}};
    if (speaks_ == Speaks::msgpack) {
      world_.platform().send(socket_, Json::to_msgpack(message), false);
    } else {
      world_.platform().send(socket_, as_bytes(message.dump()), true);
    }
  }
  void begin(const Json& presence = Json::object(), const Json& update = "") {
    say("$initializeSession", {{"presence", presence}, {"update", update}});
  }
  void built(const std::string& update = "") {
    say("$updateStorage", {{"origin", "$initialized"}, {"update", update}});
  }
  void type(Author& author, std::string_view text) {
    const Author::Update update = author.type({.root = "text"}, 0, text);
    const Json offer =
        speaks_ == Speaks::msgpack ? Json::binary(Json::binary_t(update)) : Json(base64(update));
    say("$updateStorage", {{"origin", nullptr}, {"update", offer}});
  }
  void fault(uint16_t code, const std::string& reason) {
    world_.platform().fault(socket_, code, reason);
    world_.settle();
  }
  void hang_up() { world_.platform().hang_up(socket_); }
  void read_speed(uint64_t bytes_per_ms) { world_.platform().read_speed(socket_, bytes_per_ms); }
  size_t backlog_bytes() const { return world_.platform().connections().queued_bytes(socket_); }

  // The messages of a type, in order; taken off.
  std::vector<Json> take(const std::string& type) {
    std::vector<Json> out;
    std::erase_if(heard, [&](const Json& message) {
      if (message.at("type") != type) return false;
      out.push_back(message);
      return true;
    });
    return out;
  }
  Json only(const std::string& type) {
    const auto all = take(type);
    EXPECT_EQ(all.size(), 1u) << type;
    return all.empty() ? Json{{"data", Json::object()}} : all.front();
  }
  std::string text_of(const Json& state) {
    std::vector<uint8_t> update;
    EXPECT_EQ(state.is_binary(), speaks_ == Speaks::msgpack);
    if (state.is_binary()) {
      update = state.get_binary();
    } else {
      EXPECT_TRUE(pluv::decode_base64(state.get<std::string>(), update));
    }
    EXPECT_TRUE(doc.apply(update));
    std::string text;
    doc.text("text", text);
    return text;
  }

  void on_connected(std::string_view subprotocol) override {
    EXPECT_EQ(subprotocol, speaks_ == Speaks::msgpack ? "freshet.msgpack" : "");
  }
  void on_message(Bytes message, bool text) override {
    EXPECT_EQ(text, speaks_ == Speaks::json);
    heard.push_back(text ? Json::parse(as_text(message))
                         : Json::from_msgpack(message.begin(), message.end()));
  }
  void on_closed(uint16_t code, std::string_view, uint16_t) override { close_code = code; }

  std::vector<Json> heard;
  uint16_t close_code = 0;
  crdt::Doc doc;

 private:
  const Speaks speaks_;
  World& world_;
  SimPlatform::SocketId socket_ = 0;
};

}  // namespace freshet::sim
