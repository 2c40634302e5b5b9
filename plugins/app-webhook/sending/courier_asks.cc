// First states: asked for when the backend knows all that came before, and read within bounds.
#include <utility>

#include "app-webhook/dialect/memory.h"
#include "app-webhook/limits.h"
#include "app-webhook/sending/courier.h"
#include "app-webhook/sending/shown.h"

namespace freshet::webhook {
namespace {

// Without what may be secret in it.
std::string shown_url(std::string_view url) { return std::string(url.substr(0, url.find('?'))); }

}  // namespace

Status Courier::initial_storage(std::string_view room, Reply out) {
  Ask ask;
  ask.room = room;
  post([this, &ask] { take_ask(&ask); });
  ask.done.acquire();
  if (ask.status != Status::ok) return ask.status;
  const size_t bytes = ask.state.size();
  Status written = Status::retry;
  with_memory([&] { written = out.write(FRESHET_APP_STATE, std::string_view(ask.state)); });
  post([this, bytes] { http_->give_back(bytes); });
  return written;
}

void Courier::take_ask(Ask* ask) {
  ask->after_id = added_id_;
  ask->until_ms = now_ms() + static_cast<uint64_t>(options_.initial_timeout_ms);
  asks_.push_back(ask);
}

void Courier::look_at_asks() {
  const uint64_t now = now_ms();
  std::vector<Ask*> left;
  for (Ask* ask : std::exchange(asks_, {})) {
    if (now >= ask->until_ms) {
      initial_failed_.add();
      complain(Complaint::no_first_state,
               "room " + shown(ask->room) +
                   " has no first state: events of it that came before are not taken yet");
      answer_ask(ask, Status::retry);
    } else if (listed_all_ && listed_id_ >= ask->after_id && !rooms_.contains(ask->room)) {
      send_ask(ask, now);
    } else {
      left.push_back(ask);
    }
  }
  asks_ = std::move(left);
}

void Courier::send_ask(Ask* ask, uint64_t now) {
  std::string body = speech_.initial_storage(ask->room, clock_.unix_ms());
  const std::string signature = speech_.signature(body, clock_.unix_ms());
  // It is answered within the time that is left, as every request.
  http_->post(std::move(body), signature, static_cast<int64_t>(ask->until_ms - now),
              options_.initial_bytes,
              [this, ask](const HttpAnswer& answer) { on_ask_answered(ask, answer); });
}

void Courier::on_ask_answered(Ask* ask, const HttpAnswer& answer) {
  std::string reason;
  const Status status = speech_.read_initial_storage(answer, ask->state, reason);
  if (status == Status::too_large) {
    complain(Complaint::too_long,
             "the backend " + shown_url(options_.url) + " answered with more than " +
                 std::to_string(options_.initial_bytes) + " bytes for the first state of room " +
                 shown(ask->room) + ", which cannot be opened; `initial_bytes` is the bound");
  } else if (status != Status::ok && status != Status::not_found) {
    complain(Complaint::no_first_state,
             "room " + shown(ask->room) + " has no first state: " + reason);
  }
  if (status != Status::ok && status != Status::not_found) initial_failed_.add();
  if (status == Status::ok) http_->lend(ask->state.size());
  answer_ask(ask, status);
}

void Courier::answer_ask(Ask* ask, Status status) {
  ask->status = status;
  ask->done.release();  // the last use: it may be gone
}

}  // namespace freshet::webhook
