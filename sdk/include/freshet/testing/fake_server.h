// freshet/testing/fake_server.h: freshet.server/0 for tests: it writes down what it is asked for.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "freshet/abi/server.h"
#include "freshet/sink.h"

namespace freshet::testing {

// host.offer(FRESHET_SERVER_ID, server.table()). Any thread; answers at once, on the caller's.
class FakeServer {
 public:
  FakeServer() = default;
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  const freshet_server* table() const { return &c_; }

  // What the document of a room is; without one a room is not found.
  void put(const std::string& room, const std::string& state) {
    const std::lock_guard lock(mutex_);
    states_[room] = state;
  }
  // Every call is answered so, until it is set back to ok.
  void fail_with(Status status) {
    const std::lock_guard lock(mutex_);
    failing_ = status;
  }
  // The calls since the last take(): "broadcast ROOM EVENT JSON", "evict ROOM SESSION",
  // "edit ROOM OPERATIONS", "read ROOM", "state ROOM".
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(calls_, {});
  }
  // How many there were, taken or not.
  size_t asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  static FakeServer& of(void* ctx) { return *static_cast<FakeServer*>(ctx); }

  Status record(const std::string& call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(call);
    ++asked_;
    return failing_;
  }
  void tell(const char* call, std::string_view room, freshet_reply reply) {
    Status status = record(std::string(call) + " " + std::string(room));
    std::string state;
    if (status == Status::ok) {
      const std::lock_guard lock(mutex_);
      const auto it = states_.find(std::string(room));
      if (it == states_.end()) status = Status::not_found;
      if (it != states_.end()) state = it->second;
    }
    const LateReply out(reply);
    if (status == Status::ok) status = out.write(FRESHET_SERVER_STATE, std::string_view(state));
    out.done(status);
  }

  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
  size_t asked_ = 0;
  std::map<std::string, std::string> states_;
  Status failing_ = Status::ok;
  const freshet_server c_ = {
      .size = sizeof(freshet_server),
      .ctx = this,
      .broadcast = [](void* ctx, freshet_str room, freshet_str event,
                      freshet_bytes json) -> freshet_status {
        return static_cast<freshet_status>(of(ctx).record("broadcast " + std::string(view(room)) +
                                                          " " + std::string(view(event)) + " " +
                                                          std::string(as_text(view(json)))));
      },
      .evict = [](void* ctx, freshet_str room, uint64_t session) -> freshet_status {
        return static_cast<freshet_status>(
            of(ctx).record("evict " + std::string(view(room)) + " " + std::to_string(session)));
      },
      .edit =
          [](void* ctx, freshet_str room, freshet_bytes operations, freshet_reply reply) {
            LateReply(reply).done(of(ctx).record("edit " + std::string(view(room)) + " " +
                                                 std::string(as_text(view(operations)))));
          },
      .read = [](void* ctx, freshet_str room,
                 freshet_reply reply) { of(ctx).tell("read", view(room), reply); },
      .state = [](void* ctx, freshet_str room,
                  freshet_reply reply) { of(ctx).tell("state", view(room), reply); },
  };
};

}  // namespace freshet::testing
