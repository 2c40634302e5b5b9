#include "app-webhook/sending/first_states.h"

#include <algorithm>
#include <utility>

#include "app-webhook/dialect/memory.h"
#include "app-webhook/limits.h"
#include "app-webhook/sending/shown.h"
#include "freshet/abi/app.h"

namespace freshet::webhook {
namespace {

// Without what may be secret in it.
std::string shown_url(std::string_view url) { return std::string(url.substr(0, url.find('?'))); }

}  // namespace

FirstStates::FirstStates(const Parts& parts, Host host)
    : parts_(parts),
      failed_(host.counter("freshet_webhook_initial_failed_total",
                           "First states the backend did not give.")) {}

Status FirstStates::get(std::string_view room, Reply out) {
  Ask ask;
  ask.room = room;
  parts_.mailbox.post([this, &ask] { take(&ask); });
  ask.done.acquire();
  if (ask.status != Status::ok) return ask.status;
  const size_t bytes = ask.state.size();
  Status written = Status::retry;
  with_memory([&] { written = out.write(FRESHET_APP_STATE, std::string_view(ask.state)); });
  parts_.mailbox.post([this, bytes] { parts_.http.give_back(bytes); });
  return written;
}

void FirstStates::take(Ask* ask) {
  ask->after_id = parts_.backlog.last_added();
  ask->list = parts_.backlog.lists() + 1;
  ask->until_ms = parts_.clock.now_ms() + static_cast<uint64_t>(parts_.options.initial_timeout_ms);
  asks_.push_back(ask);
}

void FirstStates::look() {
  const uint64_t now = parts_.clock.now_ms();
  std::vector<Ask*> left;
  for (Ask* ask : std::exchange(asks_, {})) {
    if (now >= ask->until_ms) {
      failed_.add();
      parts_.complaints.tell(
          Complaint::no_first_state,
          "room " + shown(ask->room) +
              " has no first state: events of it that came before are not taken yet");
      answer(ask, Status::retry);
    } else if (knows_all_for(*ask) && parts_.backlog.has_none_of(ask->room, ask->after_id)) {
      send(ask, now);
    } else {
      left.push_back(ask);
    }
  }
  asks_ = std::move(left);
}

// What other servers have added is not heard of.
bool FirstStates::knows_all_for(const Ask& ask) const {
  return !parts_.claim.is_shared() || parts_.backlog.list_to_end() >= ask.list;
}

uint64_t FirstStates::wanted_list() const { return asks_.empty() ? 0 : asks_.back()->list; }

void FirstStates::send(Ask* ask, uint64_t now) {
  std::string body = parts_.speech.initial_storage(ask->room, parts_.clock.unix_ms());
  const std::string signature = parts_.speech.signature(body, parts_.clock.unix_ms());
  // It is answered within the time that is left, as every request.
  parts_.http.post(std::move(body), signature, static_cast<int64_t>(ask->until_ms - now),
                   parts_.options.initial_bytes,
                   [this, ask](const HttpAnswer& said) { on_answered(ask, said); });
}

void FirstStates::on_answered(Ask* ask, const HttpAnswer& said) {
  std::string reason;
  const Status status = parts_.speech.read_initial_storage(said, ask->state, reason);
  if (status == Status::too_large) {
    parts_.complaints.tell(
        Complaint::too_long,
        "the backend " + shown_url(parts_.options.url) + " answered with more than " +
            std::to_string(parts_.options.initial_bytes) + " bytes for the first state of room " +
            shown(ask->room) + ", which cannot be opened; `initial_bytes` is the bound");
  } else if (status != Status::ok && status != Status::not_found) {
    parts_.complaints.tell(Complaint::no_first_state,
                           "room " + shown(ask->room) + " has no first state: " + reason);
  }
  if (status != Status::ok && status != Status::not_found) failed_.add();
  if (status == Status::ok) parts_.http.lend(ask->state.size());
  answer(ask, status);
}

void FirstStates::answer(Ask* ask, Status status) {
  ask->status = status;
  ask->done.release();  // the last use: it may be gone
}

uint64_t FirstStates::next_ms() const {
  uint64_t next = UINT64_MAX;
  for (const Ask* ask : asks_) next = std::min(next, ask->until_ms);
  return next;
}

}  // namespace freshet::webhook
