// core/tests/http/loose_auth.h: an auth plugin that does what a test says, and somebody who comes.
#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "freshet/abi/auth.h"
#include "freshet/sink.h"
#include "sim/world.h"

namespace freshet::sim {

// Who comes once, and is in or closed by then.
inline SimClient& knock(World& world, ClientOptions options) {
  options.comes_back = false;
  SimClient& client = world.client(std::move(options));
  client.go_online();
  world.run_until([&] { return client.synced() || client.close_code() != 0; }, 20'000);
  return client;
}

// A table that does with each request what a test says.
class LooseAuth {
 public:
  using Do = std::function<void(const freshet_auth_request&, freshet_reply)>;
  explicit LooseAuth(Do what) : do_(std::move(what)) {}
  const freshet_auth* table() const { return &c_; }

  static void say(freshet_reply reply, uint32_t kind, uint64_t number, std::string_view text = "") {
    const freshet_item item{kind, number, to_c(as_bytes(text))};
    reply.to->write(reply.to->ctx, reply.token, &item);
  }
  static void end(freshet_reply reply, freshet_status status) {
    reply.to->done(reply.to->ctx, reply.token, status);
  }

 private:
  Do do_;
  const freshet_auth c_{
      .size = sizeof(freshet_auth),
      .self = this,
      .identify = [](void* self, const freshet_auth_request* request,
                     freshet_reply reply) { static_cast<LooseAuth*>(self)->do_(*request, reply); },
      .mint = [](void*, freshet_str, freshet_reply) {},
      .mint_as = nullptr};
};

inline void let_in(freshet_reply reply) {
  LooseAuth::say(reply, FRESHET_AUTH_PERMISSION, FRESHET_READ_WRITE);
  LooseAuth::end(reply, FRESHET_OK);
}

}  // namespace freshet::sim
