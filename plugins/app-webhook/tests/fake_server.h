// A server of which only documents are asked. Answers at once, on the caller's thread.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "freshet/abi/server.h"
#include "freshet/sink.h"

namespace freshet::webhook {

class FakeServer {
 public:
  const freshet_server* table() const { return &c_; }

  void put(const std::string& room, const std::string& state) {
    const std::lock_guard lock(mutex_);
    states_[room] = state;
  }
  // Every call is answered so, until it is set back to ok.
  void fail_with(Status status) {
    const std::lock_guard lock(mutex_);
    failing_ = status;
  }
  int asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  static void state(void* ctx, freshet_str room, freshet_reply reply) {
    auto& self = *static_cast<FakeServer*>(ctx);
    Status status = Status::not_found;
    {
      const std::lock_guard lock(self.mutex_);
      ++self.asked_;
      const auto it = self.states_.find(std::string(view(room)));
      if (self.failing_ != Status::ok) {
        status = self.failing_;
      } else if (it != self.states_.end()) {
        status = Reply(reply).write(FRESHET_SERVER_STATE, std::string_view(it->second));
      }
    }
    reply.to->done(reply.to->ctx, reply.token, freshet_status(status));
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::string> states_;
  Status failing_ = Status::ok;
  int asked_ = 0;
  const freshet_server c_{.size = sizeof(freshet_server),
                          .ctx = this,
                          .broadcast = nullptr,
                          .evict = nullptr,
                          .edit = nullptr,
                          .read = nullptr,
                          .state = state};
};

}  // namespace freshet::webhook
