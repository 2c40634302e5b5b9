#include "app-webhook/sending/courier.h"

#include <algorithm>

#include "app-webhook/dialect/entry.h"
#include "app-webhook/dialect/memory.h"
#include "app-webhook/limits.h"
#include "app-webhook/sending/backoff.h"
#include "app-webhook/sending/shown.h"

namespace freshet::webhook {

std::unique_ptr<Courier> Courier::make(const Options& options, const Speech& speech, Outbox outbox,
                                       ServerRooms rooms, Host host, Clock& clock) {
  std::string why;
  auto http = HttpClient::make(options, why);
  if (http == nullptr) {
    host.error("libcurl does not start: " + why);
    return nullptr;
  }
  return std::unique_ptr<Courier>(
      new Courier(options, speech, std::move(outbox), rooms, host, clock, std::move(http)));
}

Courier::Courier(const Options& options, const Speech& speech, Outbox outbox, ServerRooms rooms,
                 Host host, Clock& clock, std::unique_ptr<HttpClient> http)
    : options_(options),
      speech_(speech),
      outbox_(std::move(outbox)),
      rooms_of_server_(rooms),
      host_(host),
      clock_(clock),
      http_(std::move(http)),
      first_states_({options, speech, clock, mailbox_, *http_, backlog_, claim_, complaints_},
                    host),
      delivered_(host.counter("freshet_webhook_delivered_total", "Events the backend took.")),
      failed_(host.counter("freshet_webhook_failed_total", "Attempts that failed.")),
      buried_(host.counter("freshet_webhook_dead_total", "Events set aside as dead letters.")),
      waiting_gauge_(host.gauge("freshet_webhook_waiting", "Events that wait.")),
      dead_gauge_(host.gauge("freshet_webhook_dead", "Dead letters there are.")),
      oldest_gauge_(host.gauge("freshet_webhook_oldest_seconds",
                               "When the oldest event that waits happened, in unix time.")),
      thread_([this] { run(); }) {
  clock_.on_leap([this] { http_->wake(); });
}

Courier::~Courier() {
  clock_.on_leap({});
  ending_ = true;
  http_->wake();
  thread_.join();
  if (backlog_.waiting() == 0) return;
  host_.warn("events left in the outbox, for " + std::string(shares_ ? "another server or " : "") +
             "the next start: " + std::to_string(backlog_.waiting()));
}

void Courier::run() {
  while (!ending_) {
    mailbox_.read();
    retries_.run_due();
    claim_.renew();
    learn();
    start_due();
    read_state();
    first_states_.look();
    show_waiting();
    note_what_holds();
    http_->turn(idle_ms());
  }
}

// Whoever does not deliver need not know what there is, unless a room waits for what it begins
// with: then what others deliver has to be gone.
void Courier::learn() {
  shares_ = claim_.is_shared();
  const bool delivers = claim_.holds();
  const bool wants = delivers || first_states_.wanted_list() > 0;
  if (delivers_ && !delivers) backlog_.stand_by();
  delivers_ = delivers;
  if (shares_ && wants) look();
  if (wants) backlog_.list_more();
}

void Courier::leave_to_another() {
  if (first_states_.wanted_list() == 0) backlog_.stand_by();
}

void Courier::look() {
  const bool is_time = clock_.now_ms() >= look_ms_;
  const bool asked = first_states_.wanted_list() > backlog_.list_to_end();
  if (!is_time && !(asked && !backlog_.is_learning())) return;
  look_ms_ = clock_.now_ms() + kLookMs;
  if (claim_.holds()) return backlog_.look();
  if (!backlog_.is_learning() || backlog_.is_full()) backlog_.begin_anew();
}

int64_t Courier::idle_ms() const {
  const uint64_t now = clock_.now_ms();
  uint64_t next =
      std::min({now + kMaxIdleMs, retries_.next_ms(), first_states_.next_ms(), claim_.next_ms()});
  if (shares_) next = std::min({next, look_ms_ > now ? look_ms_ : UINT64_MAX, end_ms()});
  const size_t under_way = backlog_.under_way();
  if (under_way < options_.parallel && !(breaker_.is_open() && under_way > 0)) {
    next = std::min(next, next_try_ms());
  }
  return next > now ? static_cast<int64_t>(next - now) : 0;
}

uint64_t Courier::next_try_ms() const {
  if (!claim_.holds()) return UINT64_MAX;
  const uint64_t due_ms = backlog_.next_due_ms();
  return due_ms == UINT64_MAX ? due_ms : breaker_.due_ms(due_ms);
}

void Courier::show_waiting() const {
  waiting_gauge_.set(backlog_.waiting());
  dead_gauge_.set(backlog_.dead());
  oldest_gauge_.set(static_cast<int64_t>(backlog_.oldest_ms() / 1000));
}

void Courier::added(uint64_t last_id, size_t count) {
  mailbox_.post([this, last_id, count] { backlog_.added(last_id, count); });
}

void Courier::lost(std::string_view room, std::string_view why) {
  mailbox_.post([this, room = shown(room), why = std::string(why)] {
    complaints_.tell(Complaint::lost, "an event of room " + room +
                                          " is lost: the outbox does not take it (" + why +
                                          "); freshet_webhook_lost_total counts what follows");
  });
}

void Courier::changed() {
  mailbox_.post([this] { claim_.holds() ? backlog_.begin_anew() : claim_.start(); });
}

// ---- delivering --------------------------------------------------------------------------------

void Courier::start_due() {
  while (claim_.holds() && backlog_.under_way() < options_.parallel &&
         breaker_.lets_through(backlog_.under_way(), clock_.now_ms())) {
    const auto event = backlog_.take_due();
    if (!event) return;
    start(*event);
  }
}

void Courier::start(const Backlog::Event& event) {
  outbox_.read(event.id, [this, event](Status status, const Outbox::Items& items) {
    const auto body = std::ranges::find(items, uint32_t{FRESHET_STORE_BODY}, &Outbox::Item::kind);
    const bool has_body = body != items.end();
    const Status read = status == Status::ok && !has_body ? Status::retry : status;
    std::string text(has_body ? as_text(body->bytes) : "");
    mailbox_.post([this, event, read, text = std::move(text)]() mutable {
      on_read(event, read, std::move(text));
    });
  });
}

void Courier::on_read(const Backlog::Event& event, Status status, std::string text) {
  if (status == Status::not_found) return backlog_.over(event.room, event.id);
  if (!claim_.holds()) return backlog_.again(event.room, 0);
  if (status != Status::ok && status != Status::corrupt) {
    return backlog_.again(event.room, kStoreRetryMaxMs);
  }
  const auto entry = status == Status::ok ? read_entry(text) : std::nullopt;
  if (!entry) return bury(event, "the store cannot read it");
  if (!entry->storage_at) return send(event, std::move(text));
  stateful_.push_back({event, std::move(text)});
}

// One after the other, and none while what is under way already fills the memory meant for it: a
// document may be large.
void Courier::read_state() {
  if (reading_state_ || stateful_.empty() || http_->is_full()) return;
  reading_state_ = true;
  rooms_of_server_.state(
      stateful_.front().event.room, [this](Status status, std::vector<uint8_t> state) {
        mailbox_.post([this, status, state = std::move(state)] { on_state(status, state); });
      });
}

void Courier::on_state(Status status, Bytes state) {
  reading_state_ = false;
  const auto [event, text] = std::move(stateful_.front());
  stateful_.pop_front();
  if (!claim_.holds()) return backlog_.again(event.room, 0);
  if (status == Status::retry || status == Status::limit) {
    return backlog_.again(event.room, kStoreRetryMs);
  }
  const auto entry = *read_entry(text);
  std::string body(entry.body);
  if (status == Status::ok || status == Status::not_found) {
    const bool fits = with_memory([&] { body = with_storage(entry, state); });
    if (!fits) return backlog_.again(event.room, kStoreRetryMaxMs);
  } else if (!speech_.may_lack_storage()) {
    return bury(event, "its document cannot be read (" + std::string(name_of(status)) + ")");
  }
  send(event, std::move(body));
}

void Courier::send(const Backlog::Event& event, std::string body) {
  const std::string signature = speech_.signature(body, clock_.unix_ms());
  http_->post(std::move(body), signature, options_.timeout_ms, kMaxAnswerBytes,
              [this, event](const HttpAnswer& answer) { on_answer(event, answer); });
}

void Courier::on_answer(const Backlog::Event& event, const HttpAnswer& answer) {
  const Judgement judgement = speech_.judge(answer);
  note_backend(judgement.verdict != Verdict::unavailable, judgement.reason);
  if (judgement.verdict != Verdict::taken) return on_failure(event, judgement);
  delivered_.add();
  if (patient_until_ms_ != UINT64_MAX) be_patient();
  remove(event);
}

void Courier::on_failure(const Backlog::Event& event, const Judgement& judgement) {
  failed_.add();
  if (!claim_.holds()) return backlog_.again(event.room, 0);
  const uint64_t failures = backlog_.count_failure(event.room);
  const auto give_up = static_cast<uint64_t>(options_.give_up_ms);
  const bool refused = judgement.verdict == Verdict::refused &&
                       failures >= static_cast<uint64_t>(options_.refused_attempts);
  if (refused || clock_.unix_ms() >= backlog_.happened_ms(event.id) + give_up) {
    return bury(event, judgement.reason);
  }
  backlog_.again(event.room, backoff_ms(failures, static_cast<uint64_t>(options_.retry_ms),
                                        static_cast<uint64_t>(options_.retry_max_ms), random_));
}

void Courier::remove(const Backlog::Event& event) {
  outbox_.remove({&event.id, 1}, [this, event](Status status, const Outbox::Items&) {
    mailbox_.post([this, event, status] {
      if (status == Status::ok) return backlog_.over(event.room, event.id);
      retries_.failed([this, event] { remove(event); });
    });
  });
}

void Courier::bury(const Backlog::Event& event, const std::string& reason) {
  outbox_.bury(event.id, reason, [this, event, reason](Status status, const Outbox::Items&) {
    mailbox_.post([this, event, reason, status] {
      if (status != Status::ok && status != Status::not_found) {
        return retries_.failed([this, event, reason] { bury(event, reason); });
      }
      if (status == Status::ok) {
        buried_.add();
        backlog_.buried();
        host_.error("event " + std::to_string(event.id) + " of room " + shown(event.room) +
                    " is given up: " + reason +
                    ". `freshet outbox dead` shows it, `freshet outbox "
                    "replay` sends it again");
      }
      backlog_.over(event.room, event.id);
    });
  });
}

void Courier::note_backend(bool there, const std::string& why) {
  if (!there) {
    if (!breaker_.failed(clock_.now_ms())) return;
    return complaints_.tell(Complaint::away,
                            "the backend does not take events: " + why + "; they wait");
  }
  if (!breaker_.answered()) return;
  host_.info("the backend is there again");
  complaints_.ended(Complaint::away);
  end_pauses();  // they were for a backend that was gone
}

void Courier::end_pauses() {
  breaker_.end_pause(clock_.now_ms());
  backlog_.end_pauses();
}

// ---- the end -----------------------------------------------------------------------------------

bool Courier::settled() {
  const bool lets_go = shares_ && !asked_to_hurry_;
  if (!lets_go && mailbox_.is_settled(clock_.now_ms())) return true;
  if (!asked_to_hurry_.exchange(true)) mailbox_.post([this] { hurry(); });
  return false;
}

void Courier::hurry() {
  be_patient();
  if (claim_.is_shared() && !claim_.holds()) claim_.let_go();
  end_pauses();
}

void Courier::be_patient() {
  patient_until_ms_ = clock_.now_ms() + static_cast<uint64_t>(options_.stop_wait_ms);
}

// What is tried only when patience has ended holds nothing. Nor does what another server delivers.
void Courier::note_what_holds() {
  const uint64_t now = clock_.now_ms();
  const bool learns = claim_.holds() ? backlog_.is_learning() : claim_.is_unknown();
  const bool pending = learns || backlog_.under_way() > 0 || next_try_ms() < patient_until_ms_;
  const bool stops = patient_until_ms_ != UINT64_MAX;
  if (stops && shares_ && claim_.holds() && (!pending || now >= patient_until_ms_)) {
    claim_.let_go();
  }
  const bool must_let_go = stops && shares_ && claim_.holds();
  const uint64_t until = pending ? patient_until_ms_ : 0;
  mailbox_.hold_until(must_let_go ? UINT64_MAX : std::max(until, claim_.goes_until_ms()));
}

// When time alone lets the server end.
uint64_t Courier::end_ms() const {
  const uint64_t now = clock_.now_ms();
  return patient_until_ms_ > now && claim_.holds() ? patient_until_ms_ : UINT64_MAX;
}

}  // namespace freshet::webhook
