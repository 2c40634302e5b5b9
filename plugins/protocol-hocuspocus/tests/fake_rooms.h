// Rooms that write down what they are asked for, a line a call, and answer as they are told.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/protocol.h"

namespace freshet::hocuspocus {

inline std::string hex(Bytes bytes) {
  std::string out;
  for (const uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

// Digits, two a byte; "'" begins and ends text.
inline std::vector<uint8_t> frame(std::string_view text) {
  std::vector<uint8_t> out;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\'') {
      const size_t end = text.find('\'', i + 1);
      out.push_back(static_cast<uint8_t>(end - i - 1));
      out.insert(out.end(), text.begin() + static_cast<ptrdiff_t>(i) + 1,
                 text.begin() + static_cast<ptrdiff_t>(end));
      i = end + 1;
    } else if (text[i] == ' ') {
      ++i;
    } else {
      out.push_back(static_cast<uint8_t>(std::stoul(std::string(text.substr(i, 2)), nullptr, 16)));
      i += 2;
    }
  }
  return out;
}

class FakeRooms {
 public:
  FakeRooms() = default;
  FakeRooms(const FakeRooms&) = delete;
  FakeRooms& operator=(const FakeRooms&) = delete;

  const freshet_room* table() const { return &c_; }
  std::map<std::string, freshet_status> answers;
  std::string prefix;               // of the last join, in hex
  uint64_t asked = 0;               // the ticket of the last token
  freshet_session* last = nullptr;  // joined

  // The calls since the last take().
  std::vector<std::string> take() { return std::exchange(calls_, {}); }

 private:
  static freshet_status record(void* self, const std::string& call, const std::string& what) {
    auto& rooms = *static_cast<FakeRooms*>(self);
    rooms.calls_.push_back(what.empty() ? call : call + " " + what);
    const auto it = rooms.answers.find(call);
    return it == rooms.answers.end() ? FRESHET_OK : it->second;
  }

  std::vector<std::string> calls_;
  uintptr_t sessions_ = 0;
  const freshet_room c_ = {
      .size = sizeof(freshet_room),
      .self = this,
      .join = [](void* self, freshet_link*, const freshet_join* join,
                 freshet_session** out) -> freshet_status {
        auto& rooms = *static_cast<FakeRooms*>(self);
        *out = rooms.last = reinterpret_cast<freshet_session*>(++rooms.sessions_);
        rooms.prefix = hex(view(join->prefix));
        return record(self, "join",
                      std::string(view(join->room)) + " variant=" + std::to_string(join->variant) +
                          " permission=" + std::to_string(join->identity->permission));
      },
      .leave = [](void* self, freshet_session*) { record(self, "leave", ""); },
      .submit_update = [](void* self, freshet_session*, uint32_t, freshet_bytes update,
                          uint64_t ticket) -> freshet_status {
        return record(self, "update", hex(view(update)) + (ticket == 0 ? " uncounted" : ""));
      },
      .submit_presence = [](void* self, freshet_session*, const freshet_presence*, size_t count)
          -> freshet_status { return record(self, "presence", std::to_string(count)); },
      .query_presence = [](void* self, freshet_session*) -> freshet_status {
        return record(self, "query", "");
      },
      .request_diff = [](void* self, freshet_session*, uint32_t, freshet_bytes vector)
          -> freshet_status { return record(self, "diff", hex(view(vector))); },
      .send = [](void* self, freshet_link*, freshet_bytes message, int) -> freshet_status {
        return record(self, "send", hex(view(message)));
      },
      .client = nullptr,
      .follow = nullptr,
      .open_document = nullptr,
      .show = nullptr,
      .submit_event = [](void* self, freshet_session*, freshet_str name,
                         freshet_bytes data) -> freshet_status {
        return record(self, "event",
                      std::string(view(name)) + " " + std::string(as_text(view(data))));
      },
      .send_urgent = [](void* self, freshet_link*, freshet_bytes message, int) -> freshet_status {
        return record(self, "urgent", hex(view(message)));
      },
      .call = nullptr,
      .authenticate =
          [](void* self, freshet_link*, freshet_str room, freshet_str token, uint64_t ticket) {
            static_cast<FakeRooms*>(self)->asked = ticket;
            record(self, "authenticate",
                   std::string(view(room)) + " " +
                       (token.data == nullptr ? "(of the request)" : std::string(view(token))));
          },
      .renew = [](void* self, freshet_session*, const freshet_identity* identity)
          -> freshet_status { return record(self, "renew", std::to_string(identity->permission)); },
  };
};

}  // namespace freshet::hocuspocus
