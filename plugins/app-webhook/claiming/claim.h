// plugins/app-webhook/claiming/claim.h: that of the servers which share a store this one delivers.
//
// It is claimed for some seconds, and again before they are over; a server that dies or stands
// still claims no more, and another one takes over. Where no other server works on the store, it
// is this one's from the first answer on, and nobody is asked again.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "app-webhook/sending/clock.h"
#include "app-webhook/sending/mailbox.h"
#include "freshet/outbox.h"

namespace freshet::webhook {

// On one thread; what the outbox answers comes by the mailbox.
class Claim {
 public:
  // What each answer means, told on its thread.
  struct Told {
    std::function<void()> begins;   // it is this server's, and was not
    std::function<void()> goes_on;  // it still is
    std::function<void()> another;  // it is another's
  };

  // Borrows all of them.
  Claim(const Outbox& outbox, Mailbox& mailbox, const Clock& clock, Told told)
      : outbox_(outbox), mailbox_(mailbox), clock_(clock), told_(std::move(told)) {}

  // The server runs: claims from now on.
  void start();
  // Claims again, if it is time to.
  void renew();
  // When it is; UINT64_MAX: never.
  uint64_t next_ms() const;

  // It is this server's. By this server's clock from when it asked, so not longer than the store
  // has it so.
  bool holds() const { return clock_.now_ms() < held_until_ms_; }
  // It has asked, and does not know yet.
  bool is_unknown() const { return started_ && !known_ && !gone_; }
  // It may be another's.
  bool is_shared() const { return shared_; }

  // It is not this server's any more, whatever comes; others need not wait for its end.
  void let_go();
  // Until then an end is to wait for the store to know; 0: it knows.
  uint64_t goes_until_ms() const { return goes_until_ms_; }

 private:
  void ask();
  void hear(uint64_t asked_ms, Status status, bool shared);

  const Outbox& outbox_;
  Mailbox& mailbox_;
  const Clock& clock_;
  const Told told_;
  bool started_ = false;
  bool known_ = false;
  bool shared_ = false;
  bool asks_ = false;
  bool gone_ = false;
  uint64_t next_ms_ = UINT64_MAX;
  uint64_t held_until_ms_ = 0;
  uint64_t goes_until_ms_ = 0;
};

}  // namespace freshet::webhook
