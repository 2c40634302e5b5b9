// core/identity/identification.h: asks the server's auth plugin who somebody is.
//
// One for the server, used from every shard: the answer comes to the shard that asked. Without an
// auth plugin everybody is anonymous and may write.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/config/limits.h"
#include "core/host/services.h"
#include "core/identity/identity.h"
#include "core/loop/loop.h"
#include "core/loop/replies.h"
#include "core/loop/workers.h"

namespace freshet {

class Identification {
 public:
  struct Answer {
    Status status;        // Status::ok also for a token that is good but for its age
    Identity identity;    // REQUIRES: Status::ok
    std::string carrier;  // the subprotocol that carried the token; empty: none did
  };
  using Done = std::function<void(Answer)>;

  // All outlive it.
  Identification(const Services& services, Replies& replies, Workers& workers, const Limits& limits)
      : services_(services), replies_(replies), workers_(workers), limits_(limits) {
    if (!asks()) return;
    identify_.emplace(
        replies, services.auth.plugin, "identify",
        std::initializer_list<Status>{Status::ok, Status::unauthenticated, Status::denied},
        services.auth.limits, nonsense_in);
  }
  Identification(const Identification&) = delete;
  Identification& operator=(const Identification&) = delete;

  bool asks() const { return bool(services_.auth); }

  // `token`: {NULL, 0}: it is in the request. All are copied. `done` is called once, on the shard
  // of `here`, never inside this call.
  void ask(const Loop& here, const freshet_request& request, std::string_view room,
           freshet_str token, Done done);

 private:
  static std::string_view nonsense_in(const ReplyItems& items);
  Answer while_left_alone() const;

  const Services& services_;
  Replies& replies_;
  Workers& workers_;
  const Limits& limits_;
  std::optional<Callee> identify_;  // if it asks
};

}  // namespace freshet
