// Rooms that write down what they are asked for, a line a call, and answer as they are told.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "freshet/protocol.h"

namespace freshet::pluv {

class FakeRooms {
 public:
  FakeRooms() = default;
  FakeRooms(const FakeRooms&) = delete;
  FakeRooms& operator=(const FakeRooms&) = delete;

  const freshet_room* table() const { return &c_; }
  std::map<std::string, freshet_status> answers;
  uint32_t wants = 0;
  std::vector<std::string> sent;

  // The calls since the last take().
  std::vector<std::string> take() { return std::exchange(calls_, {}); }

 private:
  static std::string hex(freshet_bytes bytes) {
    std::string out;
    for (const uint8_t byte : view(bytes)) {
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15];
    }
    return out;
  }

  static freshet_status record(void* self, const std::string& call, const std::string& what) {
    auto& rooms = *static_cast<FakeRooms*>(self);
    rooms.calls_.push_back(what.empty() ? call : call + " " + what);
    const auto it = rooms.answers.find(call);
    return it == rooms.answers.end() ? FRESHET_OK : it->second;
  }

  std::vector<std::string> calls_;
  const freshet_room c_ = {
      .size = sizeof(freshet_room),
      .self = this,
      .join = [](void* self, freshet_link*, const freshet_join* join,
                 freshet_session** out) -> freshet_status {
        *out = reinterpret_cast<freshet_session*>(self);
        static_cast<FakeRooms*>(self)->wants = join->wants;
        return record(self, "join",
                      std::string(view(join->room)) + " variant=" + std::to_string(join->variant) +
                          " text=" + std::to_string(join->text) +
                          " permission=" + std::to_string(join->permission));
      },
      .leave = [](void* self, freshet_session*) { record(self, "leave", ""); },
      .submit_update = [](void* self, freshet_session*, uint32_t, freshet_bytes update,
                          uint64_t ticket) -> freshet_status {
        return record(self, "update", std::to_string(ticket) + " " + hex(update));
      },
      .submit_presence = [](void* self, freshet_session*, const freshet_presence*,
                            size_t) -> freshet_status { return record(self, "presence", ""); },
      .query_presence = [](void* self, freshet_session*) -> freshet_status {
        return record(self, "query", "");
      },
      .request_diff = [](void* self, freshet_session*, uint32_t, freshet_bytes) -> freshet_status {
        return record(self, "diff", "");
      },
      .send = [](void* self, freshet_link*, freshet_bytes message, int text) -> freshet_status {
        auto& rooms = *static_cast<FakeRooms*>(self);
        rooms.sent.push_back((text != 0 ? "" : "binary ") + std::string(as_text(view(message))));
        return FRESHET_OK;
      },
      .client = [](void*, const freshet_session*) -> uint64_t { return 0x1a2b; },
      .follow = [](void* self, freshet_session*, uint32_t more) -> freshet_status {
        return record(self, "follow", std::to_string(more));
      },
      .open_document = [](void* self, freshet_session*, uint32_t, freshet_bytes seed)
          -> freshet_status { return record(self, "open", hex(seed)); },
      .show = [](void* self, freshet_session*, freshet_bytes change) -> freshet_status {
        return record(self, "show", std::string(as_text(view(change))));
      },
      .submit_event = [](void* self, freshet_session*, freshet_str name,
                         freshet_bytes data) -> freshet_status {
        return record(self, "event",
                      std::string(view(name)) + " " + std::string(as_text(view(data))));
      },
      .send_urgent = [](void* self, freshet_link*, freshet_bytes message,
                        int text) -> freshet_status {
        auto& rooms = *static_cast<FakeRooms*>(self);
        rooms.sent.push_back((text != 0 ? "" : "binary ") + std::string(as_text(view(message))));
        return record(self, "urgent", "");
      },
      .call = [](void* self, freshet_session*, freshet_str name, freshet_bytes data,
                 uint64_t ticket) -> freshet_status {
        return record(self, "call",
                      std::to_string(ticket) + " " + std::string(view(name)) + " " +
                          std::string(as_text(view(data))));
      },
      // This wire has no use for the rest.
      .authenticate = nullptr,
      .renew = nullptr,
  };
};

}  // namespace freshet::pluv
