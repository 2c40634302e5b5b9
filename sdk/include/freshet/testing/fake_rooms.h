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
  FakeRooms() = default;
  FakeRooms(const FakeRooms&) = delete;
  FakeRooms& operator=(const FakeRooms&) = delete;

  const freshet_room* table() const { return &c_; }

  // What a function answers from now on, by its name in the table; ok without.
  void answer(const std::string& function, Status status) { answers_[function] = status; }

  // The calls since the last take(): the function's name in the table and what is of interest:
  // "join ROOM", "submit_update TICKET BYTES", "submit_event NAME JSON", "request_diff BYTES".
  std::vector<std::string> take() { return std::exchange(calls_, {}); }
  // What was sent to the connection past all rooms, since the last of these.
  std::vector<std::string> take_sent() { return std::exchange(sent_, {}); }

  // Of the last join.
  freshet_session* session() const { return session_; }
  uint32_t wants() const { return join_.wants; }
  uint32_t permission() const { return join_.permission; }
  bool text() const { return join_.text != 0; }
  const std::string& prefix() const { return prefix_; }
  // Of the last authenticate().
  uint64_t asked() const { return asked_; }

 private:
  static FakeRooms& of(void* self) { return *static_cast<FakeRooms*>(self); }
  static std::string text(freshet_str text) { return std::string(view(text)); }
  static std::string text(freshet_bytes bytes) { return std::string(as_text(view(bytes))); }

  freshet_status record(const std::string& function, const std::string& what = {}) {
    calls_.push_back(what.empty() ? function : function + " " + what);
    const auto it = answers_.find(function);
    return it == answers_.end() ? FRESHET_OK : static_cast<freshet_status>(it->second);
  }
  freshet_status join(const freshet_join& join, freshet_session** out) {
    const freshet_status status = record("join", text(join.room));
    if (status != FRESHET_OK) return status;
    join_ = join;
    prefix_ = text(join.prefix);
    *out = session_ = reinterpret_cast<freshet_session*>(++sessions_);
    return status;
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

  std::map<std::string, Status> answers_;
  std::vector<std::string> calls_, sent_;
  freshet_join join_{};
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
      .submit_update =
          [](void* self, freshet_session*, uint32_t, freshet_bytes update, uint64_t ticket) {
            return of(self).record("submit_update", std::to_string(ticket) + " " + text(update));
          },
      .submit_presence =
          [](void* self, freshet_session*, const freshet_presence* entries, size_t count) {
            return of(self).record("submit_presence", shown(entries, count));
          },
      .query_presence = [](void* self,
                           freshet_session*) { return of(self).record("query_presence"); },
      .request_diff =
          [](void* self, freshet_session*, uint32_t, freshet_bytes vector) {
            return of(self).record("request_diff", text(vector));
          },
      .send =
          [](void* self, freshet_link*, freshet_bytes message, int) {
            of(self).sent_.push_back(text(message));
            return of(self).record("send");
          },
      .client = [](void*, const freshet_session*) -> uint64_t { return 42; },
      .follow = [](void* self, freshet_session*,
                   uint32_t wants) { return of(self).record("follow", std::to_string(wants)); },
      .open_document =
          [](void* self, freshet_session*, uint32_t, freshet_bytes seed) {
            return of(self).record("open_document", text(seed));
          },
      .show = [](void* self, freshet_session*,
                 freshet_bytes change) { return of(self).record("show", text(change)); },
      .submit_event =
          [](void* self, freshet_session*, freshet_str name, freshet_bytes data) {
            return of(self).record("submit_event", text(name) + " " + text(data));
          },
      .send_urgent =
          [](void* self, freshet_link*, freshet_bytes message, int) {
            of(self).sent_.push_back(text(message));
            return of(self).record("send_urgent");
          },
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
