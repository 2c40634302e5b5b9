// core/apps/notice.h: something that happened in a room, on its way to an app.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "freshet/abi/app.h"
#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet {

struct Notice {
  uint32_t kind = 0;  // FRESHET_USER_CONNECTED, ...
  std::string room;
  uint64_t unix_ms = 0;
  uint64_t session = 0;
  std::string user = {};            // JSON; empty: anonymous
  std::vector<uint8_t> state = {};  // empty: to be found when it is given, if it is wanted
  uint32_t message = 0;
  std::string name = {};
  std::vector<uint8_t> data = {};
  uint64_t id = 0;  // of the end of a room, in a cluster
  // Once: what the app answered; Status::retry, Status::limit: it was not told, or not in time.
  std::function<void(Status)> answered = nullptr;

  size_t size_bytes() const {
    return sizeof(*this) + room.size() + user.size() + state.size() + name.size() + data.size();
  }

  // Borrows from this.
  freshet_notice c() const {
    freshet_notice out{};
    out.size = sizeof(out);
    out.kind = kind;
    out.room = to_c(std::string_view(room));
    out.unix_ms = unix_ms;
    out.session = session;
    if (!user.empty()) out.user = to_c(std::string_view(user));
    if (!state.empty()) out.state = to_c(Bytes(state));
    out.message = message;
    out.name = to_c(std::string_view(name));
    out.data = to_c(Bytes(data));
    out.id = id;
    return out;
  }
};

}  // namespace freshet
