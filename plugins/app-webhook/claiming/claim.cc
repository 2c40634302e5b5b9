#include "app-webhook/claiming/claim.h"

#include <algorithm>
#include <utility>

#include "app-webhook/limits.h"

namespace freshet::webhook {

void Claim::start() {
  if (std::exchange(started_, true)) return;
  if (outbox_.has_courier()) return ask();
  known_ = true;
  held_until_ms_ = UINT64_MAX;
  told_.begins();
}

uint64_t Claim::next_ms() const {
  // The end of what is held is one more thing that happens by the clock alone.
  const bool ends = held_until_ms_ != UINT64_MAX && holds();
  return ends ? std::min(next_ms_, held_until_ms_) : next_ms_;
}

// Also while the last one is not answered: a store that is slow for a while takes nothing away.
void Claim::renew() {
  if (clock_.now_ms() >= next_ms_ && !gone_) ask();
}

void Claim::ask() {
  const uint64_t asked_ms = clock_.now_ms();
  next_ms_ = asked_ms + kRenewClaimMs;
  if (std::exchange(asks_, true)) return;
  outbox_.courier(kClaimMs, [this, asked_ms](Status status, const Outbox::Items& items) {
    const bool shared = std::ranges::any_of(
        items, [](const Outbox::Item& item) { return item.kind == FRESHET_STORE_NODE; });
    mailbox_.post([this, asked_ms, status, shared] { hear(asked_ms, status, shared); });
  });
}

// A store that does not answer says nothing of who has it.
void Claim::hear(uint64_t asked_ms, Status status, bool shared) {
  asks_ = false;
  if (gone_) return;
  known_ = known_ || status == Status::ok || status == Status::conflict;
  if (status == Status::conflict) {
    shared_ = true;
    held_until_ms_ = 0;
    return told_.another();
  }
  if (status != Status::ok) return;
  const bool held = holds();
  shared_ = shared_ || shared;
  held_until_ms_ = shared ? asked_ms + kClaimMs : UINT64_MAX;
  if (!shared) next_ms_ = UINT64_MAX;
  if (!holds()) return;
  held ? told_.goes_on() : told_.begins();
}

void Claim::let_go() {
  if (std::exchange(gone_, true)) return;
  next_ms_ = UINT64_MAX;
  held_until_ms_ = 0;
  if (!shared_) return;
  goes_until_ms_ = clock_.now_ms() + kLetGoMs;
  outbox_.courier(
      0, [this](Status, const Outbox::Items&) { mailbox_.post([this] { goes_until_ms_ = 0; }); });
}

}  // namespace freshet::webhook
