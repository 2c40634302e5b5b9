// freshet/testing/fake_rooms.h: freshet.room/0 for the tests of a protocol: it writes down what it
// is asked for, a line a call, and answers as it is told.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/protocol.h"

namespace freshet::testing {

// host.offer(FRESHET_ROOM_ID, rooms.table()). One thread, as a shard is.
class FakeRooms {
 public:
  // How bytes stand in what is written down: as they are, or in hexadecimal digits.
  enum class Shows { text, hex };

  explicit FakeRooms(Shows shows = Shows::text) : shows_(shows) {}
  FakeRooms(const FakeRooms&) = delete;
  FakeRooms& operator=(const FakeRooms&) = delete;

  const freshet_room* table() const { return &c_; }

  // What a function answers from now on, by its name in the table; ok without.
  void answer(const std::string& function, Status status) { answers_[function] = status; }

  // The calls since the last take(): the function's name in the table and what is of interest:
  // "join ROOM", "submit_update TICKET BYTES", "submit_event NAME JSON", "request_diff BYTES",
  // "send BYTES".
  std::vector<std::string> take() { return std::exchange(calls_, {}); }
  // What was sent to the connection past all rooms, since the last of these; as it was sent.
  struct Sent {
    std::string bytes;
    bool text;
  };
  std::vector<Sent> take_sent() { return std::exchange(sent_, {}); }

  // Of the last join.
  freshet_session* session() const { return session_; }
  uint32_t wants() const { return join_.wants; }
  uint32_t permission() const { return permission_; }  // of the identity that it gave, if any
  bool text() const { return join_.text != 0; }
  uint32_t variant() const { return join_.variant; }
  const std::string& prefix() const { return prefix_; }
  // Of the last submit_update() or request_diff(): FRESHET_UPDATE_V1, ...
  uint32_t format() const { return format_; }
  // Of the last authenticate().
  uint64_t asked() const { return asked_; }

 private:
  static FakeRooms& of(void* self) { return *static_cast<FakeRooms*>(self); }
  static std::string text(freshet_str text) { return std::string(view(text)); }
  static std::string text(freshet_bytes bytes) { return std::string(as_text(view(bytes))); }
  std::string shown(freshet_bytes bytes) const {
    if (shows_ == Shows::text) return text(bytes);
    constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (const uint8_t byte : view(bytes)) (out += kDigits[byte >> 4]) += kDigits[byte & 15];
    return out;
  }

  freshet_status record(const std::string& function, const std::string& what = {}) {
    calls_.push_back(what.empty() ? function : function + " " + what);
    const auto it = answers_.find(function);
    return it == answers_.end() ? FRESHET_OK : static_cast<freshet_status>(it->second);
  }
  freshet_status join(const freshet_join& join, freshet_session** out) {
    const freshet_status status = record("join", text(join.room));
    if (status != FRESHET_OK) return status;
    join_ = join;
    permission_ = join.identity == nullptr ? join.permission : join.identity->permission;
    prefix_ = shown(join.prefix);
    *out = session_ = reinterpret_cast<freshet_session*>(++sessions_);
    return status;
  }
  freshet_status submit(uint32_t format, freshet_bytes update, uint64_t ticket) {
    format_ = format;
    return record("submit_update", std::to_string(ticket) + " " + shown(update));
  }
  freshet_status ask(uint32_t format, freshet_bytes vector) {
    format_ = format;
    return record("request_diff", shown(vector));
  }
  freshet_status send(const char* function, freshet_bytes message, int text_frame) {
    sent_.push_back({text(message), text_frame != 0});
    return record(function, shown(message));
  }
  static std::string shown(const freshet_presence* entries, size_t count) {
    std::string out;
    for (size_t i = 0; i < count; ++i) {
      const bool gone = entries[i].json.data == nullptr;
      out += (i == 0 ? "" : " ") + std::to_string(entries[i].client) + "@" +
             std::to_string(entries[i].clock) + "=" + (gone ? "gone" : text(entries[i].json));
    }
    return out;
  }

  const Shows shows_;
  std::map<std::string, Status> answers_;
  std::vector<std::string> calls_;
  std::vector<Sent> sent_;
  freshet_join join_{};
  uint32_t permission_ = 0, format_ = 0;
  std::string prefix_;
  freshet_session* session_ = nullptr;
  uintptr_t sessions_ = 0;
  uint64_t asked_ = 0;
  const freshet_room c_ = {
      .size = sizeof(freshet_room),
      .self = this,
      .join = [](void* self, freshet_link*, const freshet_join* join,
                 freshet_session** out) { return of(self).join(*join, out); },
      .leave = [](void* self, freshet_session*) { of(self).record("leave"); },
      .submit_update = [](void* self, freshet_session*, uint32_t format, freshet_bytes update,
                          uint64_t ticket) { return of(self).submit(format, update, ticket); },
      .submit_presence =
          [](void* self, freshet_session*, const freshet_presence* entries, size_t count) {
            return of(self).record("submit_presence", shown(entries, count));
          },
      .query_presence = [](void* self,
                           freshet_session*) { return of(self).record("query_presence"); },
      .request_diff = [](void* self, freshet_session*, uint32_t format,
                         freshet_bytes vector) { return of(self).ask(format, vector); },
      .send = [](void* self, freshet_link*, freshet_bytes message,
                 int text) { return of(self).send("send", message, text); },
      .client = [](void*, const freshet_session*) -> uint64_t { return 42; },
      .follow = [](void* self, freshet_session*,
                   uint32_t wants) { return of(self).record("follow", std::to_string(wants)); },
      .open_document =
          [](void* self, freshet_session*, uint32_t, freshet_bytes seed) {
            return of(self).record("open_document", of(self).shown(seed));
          },
      .show = [](void* self, freshet_session*,
                 freshet_bytes change) { return of(self).record("show", text(change)); },
      .submit_event =
          [](void* self, freshet_session*, freshet_str name, freshet_bytes data) {
            return of(self).record("submit_event", text(name) + " " + text(data));
          },
      .send_urgent = [](void* self, freshet_link*, freshet_bytes message,
                        int text) { return of(self).send("send_urgent", message, text); },
      .call =
          [](void* self, freshet_session*, freshet_str name, freshet_bytes data, uint64_t ticket) {
            return of(self).record("call",
                                   std::to_string(ticket) + " " + text(name) + " " + text(data));
          },
      .authenticate =
          [](void* self, freshet_link*, freshet_str room, freshet_str token, uint64_t ticket) {
            of(self).asked_ = ticket;
            of(self).record(
                "authenticate",
                text(room) + " " + (token.data == nullptr ? "(of the request)" : text(token)));
          },
      .renew =
          [](void* self, freshet_session*, const freshet_identity* identity) {
            return of(self).record("renew", std::to_string(identity->permission));
          },
  };
};

}  // namespace freshet::testing
