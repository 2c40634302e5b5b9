// plugins/app-webhook/sending/first_states.h: what rooms begin with: asked of the backend once it
// knows all that was told of the room before, and read within bounds.
#pragma once

#include <cstdint>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

#include "app-webhook/claiming/claim.h"
#include "app-webhook/dialect/dialect.h"
#include "app-webhook/options/options.h"
#include "app-webhook/sending/backlog.h"
#include "app-webhook/sending/clock.h"
#include "app-webhook/sending/complaints.h"
#include "app-webhook/sending/http_client.h"
#include "app-webhook/sending/mailbox.h"
#include "freshet/host.h"
#include "freshet/sink.h"

namespace freshet::webhook {

// But for get(), on the thread that reads the mailbox.
class FirstStates {
 public:
  // What it works with, and borrows.
  struct Parts {
    const Options& options;
    const Speech& speech;
    const Clock& clock;
    Mailbox& mailbox;
    HttpClient& http;
    const Backlog& backlog;
    const Claim& claim;
    Complaints& complaints;
  };
  FirstStates(const Parts& parts, Host host);

  // Writes what the backend has for a room. Blocks until the deadline of the options at most.
  // [worker]
  Status get(std::string_view room, Reply out);

  // Asks for those that may be asked for, and gives up those that have waited too long.
  void look();
  // What they wait for may be among what others add: the outbox has to be asked that often, see
  // Backlog::lists(). 0: nobody waits.
  uint64_t wanted_list() const;
  // When the first of them has.
  uint64_t next_ms() const;

 private:
  // Somebody who waits. On the stack of who asks.
  struct Ask {
    std::string room;
    uint64_t after_id = 0;  // it may go when all up to this is known, and none of the room waits
    uint64_t list = 0;      // the first that was begun after it
    uint64_t until_ms = 0;
    Status status = Status::retry;
    std::string state;
    std::binary_semaphore done{0};
  };

  void take(Ask* ask);
  bool knows_all_for(const Ask& ask) const;
  void send(Ask* ask, uint64_t now);  // REQUIRES: it has time left
  void on_answered(Ask* ask, const HttpAnswer& said);
  static void answer(Ask* ask, Status status);

  const Parts parts_;
  std::vector<Ask*> asks_;
  Metric failed_;
};

}  // namespace freshet::webhook
