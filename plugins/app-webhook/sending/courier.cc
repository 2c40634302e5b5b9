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
      delivered_(host.counter("freshet_webhook_delivered_total", "Events the backend took.")),
      failed_(host.counter("freshet_webhook_failed_total", "Attempts that failed.")),
      buried_(host.counter("freshet_webhook_dead_total", "Events set aside as dead letters.")),
      initial_failed_(host.counter("freshet_webhook_initial_failed_total",
                                   "First states the backend did not give.")),
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
  if (waiting() == 0) return;
  host_.warn("events left in the outbox, for the next start: " + std::to_string(waiting()));
}

void Courier::run() {
  while (!ending_) {
    read_messages();
    const uint64_t now = now_ms();
    while (!later_.empty() && later_.begin()->first <= now) {
      const auto what = std::move(later_.begin()->second);
      later_.erase(later_.begin());
      what();
    }
    list_more();
    start_due();
    read_state();
    look_at_asks();
    show_waiting();
    note_what_holds();
    http_->turn(idle_ms());
  }
}

void Courier::post(std::function<void()> message) {
  {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
  }
  http_->wake();
}

void Courier::read_messages() {
  std::vector<std::function<void()>> messages;
  {
    const std::lock_guard lock(mutex_);
    messages.swap(messages_);
    if (!messages.empty()) hold_until_ms_ = UINT64_MAX;
  }
  for (const auto& message : messages) message();
}

int64_t Courier::idle_ms() const {
  const uint64_t now = now_ms();
  uint64_t next = now + kMaxIdleMs;
  if (!later_.empty()) next = std::min(next, later_.begin()->first);
  if (under_way_ < options_.parallel && !(probing() && under_way_ > 0)) {
    next = std::min(next, next_try_ms());
  }
  for (const Ask* ask : asks_) next = std::min(next, ask->until_ms);
  return next > now ? static_cast<int64_t>(next - now) : 0;
}

uint64_t Courier::next_try_ms() const {
  if (due_.empty()) return UINT64_MAX;
  const uint64_t due = due_.begin()->first;
  return probing() ? std::max(due, probe_due_ms_) : due;
}

void Courier::after(uint64_t wait_ms, std::function<void()> what) {
  later_.emplace(now_ms() + wait_ms, std::move(what));
}

void Courier::after_store_failure(std::function<void()> what) {
  ++store_failures_;
  after(backoff_ms(store_failures_, kStoreRetryMs, kStoreRetryMaxMs, random_), std::move(what));
}

// ---- knowing what there is ---------------------------------------------------------------------

void Courier::added(uint64_t last_id, size_t count) {
  post([this, last_id, count] {
    added_id_ = std::max(added_id_, last_id);
    waiting_ += static_cast<int64_t>(count);
    if (last_id > listed_id_) more_ = true;
  });
}

void Courier::lost(std::string_view room, std::string_view why) {
  post([this, room = shown(room), why = std::string(why)] {
    complain(Complaint::lost, "an event of room " + room +
                                  " is lost: the outbox does not take it (" + why +
                                  "); freshet_webhook_lost_total counts what follows");
  });
}

void Courier::changed() {
  post([this] { begin_anew(); });
}

void Courier::begin_anew() {
  ++epoch_;
  listed_id_ = 0;
  more_ = true;
  listed_all_ = listing_ = false;
  due_.clear();
  std::map<uint64_t, uint64_t> under_way;
  for (auto it = rooms_.begin(); it != rooms_.end();) {
    Room& room = it->second;
    if (room.under_way == 0) {
      it = rooms_.erase(it);
      continue;
    }
    under_way[room.under_way] = known_[room.under_way];
    room.ids = {room.under_way};
    ++it;
  }
  known_ = std::move(under_way);
  count_all();
}

void Courier::count_all() {
  outbox_.topics([this, epoch = epoch_](Status status, const Outbox::Items& items) {
    if (status != Status::ok) return;
    post([this, epoch, items] {
      if (epoch != epoch_) return;
      bool mine = false;
      waiting_ = dead_ = 0;
      for (const Outbox::Item& item : items) {
        if (item.kind == FRESHET_STORE_TOPIC) mine = as_text(item.bytes) == outbox_.name();
        if (!mine) continue;
        if (item.kind == FRESHET_STORE_LIVE) waiting_ = static_cast<int64_t>(item.number);
        if (item.kind == FRESHET_STORE_DEAD) dead_ = static_cast<int64_t>(item.number);
      }
    });
  });
}

void Courier::list_more() {
  if (!more_ || listing_ || known_.size() >= kWindowEntries) return;
  listing_ = true;
  outbox_.list(
      listed_id_, kListEntries,
      [this, epoch = epoch_, added = added_id_](Status status, const Outbox::Items& items) {
        post([this, epoch, added, status, items] { on_listed(epoch, added, status, items); });
      });
}

void Courier::on_listed(uint64_t epoch, uint64_t added_id, Status status,
                        const Outbox::Items& items) {
  if (epoch != epoch_) return;
  if (status != Status::ok) {
    // `listing_` stays: nobody asks again before.
    return after_store_failure([this, epoch] {
      if (epoch == epoch_) listing_ = false;
    });
  }
  store_failures_ = 0;
  listing_ = false;
  size_t count = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].kind != FRESHET_STORE_ENTRY) continue;
    uint64_t happened_ms = 0;
    for (size_t j = i + 1; j < items.size() && items[j].kind != FRESHET_STORE_ENTRY; ++j) {
      if (items[j].kind == FRESHET_STORE_TIME) happened_ms = items[j].number;
    }
    take_in(items[i].number, std::string(as_text(items[i].bytes)), happened_ms);
    listed_id_ = items[i].number;
    ++count;
  }
  if (count < kListEntries) {
    // Whatever was added before this was asked is in it, or gone.
    listed_id_ = std::max(listed_id_, added_id);
    listed_all_ = true;
  }
  more_ = count == kListEntries || added_id_ > listed_id_;
}

void Courier::take_in(uint64_t id, const std::string& key, uint64_t happened_ms) {
  Room& room = rooms_[key];
  if (id == room.under_way) return;
  known_[id] = happened_ms;
  if (room.name.empty()) room.name = key;
  room.ids.push_back(id);
  if (room.ids.size() > 1) return;
  room.due_ms = now_ms();
  queue(room);
}

int64_t Courier::waiting() const {
  const auto known = static_cast<int64_t>(known_.size());
  return listed_all_ && !more_ ? known : std::max(known, waiting_);
}

void Courier::show_waiting() const {
  waiting_gauge_.set(waiting());
  dead_gauge_.set(dead_);
  oldest_gauge_.set(known_.empty() ? 0 : static_cast<int64_t>(known_.begin()->second / 1000));
}

// ---- delivering --------------------------------------------------------------------------------

void Courier::queue(Room& room) { due_.emplace(room.due_ms, &room); }

void Courier::start_due() {
  const uint64_t now = now_ms();
  while (under_way_ < options_.parallel && !due_.empty() && due_.begin()->first <= now) {
    if (probing() && (under_way_ > 0 || now < probe_due_ms_)) return;
    Room& room = *due_.begin()->second;
    due_.erase(due_.begin());
    start(room);
  }
}

void Courier::start(Room& room) {
  ++under_way_;
  room.under_way = room.ids.front();
  outbox_.read(room.under_way, [this, name = room.name, id = room.under_way](
                                   Status status, const Outbox::Items& items) {
    const auto body = std::ranges::find(items, uint32_t{FRESHET_STORE_BODY}, &Outbox::Item::kind);
    const bool has_body = body != items.end();
    const Status read = status == Status::ok && !has_body ? Status::retry : status;
    std::string text(has_body ? as_text(body->bytes) : "");
    post([this, name, id, read, text = std::move(text)]() mutable {
      on_read(name, id, read, std::move(text));
    });
  });
}

void Courier::on_read(const std::string& name, uint64_t id, Status status, std::string text) {
  if (status == Status::not_found) return over(name, id);
  if (status != Status::ok && status != Status::corrupt) return again(name, kStoreRetryMaxMs);
  const auto entry = status == Status::ok ? read_entry(text) : std::nullopt;
  if (!entry) return bury(name, id, "the store cannot read it");
  if (!entry->storage_at) return send(name, id, std::move(text));
  stateful_.push_back({name, id, std::move(text)});
}

// One after the other, and none while what is under way already fills the memory meant for it: a
// document may be large.
void Courier::read_state() {
  if (reading_state_ || stateful_.empty() || http_->is_full()) return;
  reading_state_ = true;
  rooms_of_server_.state(stateful_.front().name, [this](Status status, std::vector<uint8_t> state) {
    post([this, status, state = std::move(state)] { on_state(status, state); });
  });
}

void Courier::on_state(Status status, Bytes state) {
  reading_state_ = false;
  const Stateful mine = std::move(stateful_.front());
  stateful_.pop_front();
  if (status == Status::retry || status == Status::limit) return again(mine.name, kStoreRetryMs);
  const auto entry = *read_entry(mine.text);
  std::string body(entry.body);
  if (status == Status::ok || status == Status::not_found) {
    const bool fits = with_memory([&] { body = with_storage(entry, state); });
    if (!fits) return again(mine.name, kStoreRetryMaxMs);
  } else if (!speech_.may_lack_storage()) {
    return bury(mine.name, mine.id,
                "its document cannot be read (" + std::string(name_of(status)) + ")");
  }
  send(mine.name, mine.id, std::move(body));
}

void Courier::send(const std::string& name, uint64_t id, std::string body) {
  const std::string signature = speech_.signature(body, clock_.unix_ms());
  http_->post(std::move(body), signature, options_.timeout_ms, kMaxAnswerBytes,
              [this, name, id](const HttpAnswer& answer) { on_answer(name, id, answer); });
}

void Courier::on_answer(const std::string& name, uint64_t id, const HttpAnswer& answer) {
  const Judgement judgement = speech_.judge(answer);
  note_backend(judgement.verdict != Verdict::unavailable, judgement.reason);
  if (judgement.verdict != Verdict::taken) {
    return on_failure(rooms_.find(name)->second, id, judgement);
  }
  delivered_.add();
  if (patient_until_ms_ != UINT64_MAX) be_patient();
  remove(name, id);
}

void Courier::on_failure(Room& room, uint64_t id, const Judgement& judgement) {
  failed_.add();
  ++room.failures;
  const auto give_up = static_cast<uint64_t>(options_.give_up_ms);
  const bool refused = judgement.verdict == Verdict::refused &&
                       room.failures >= static_cast<uint64_t>(options_.refused_attempts);
  if (refused || clock_.unix_ms() >= known_[id] + give_up) {
    const std::string name = room.name;
    return bury(name, id, judgement.reason);
  }
  again(room.name, backoff_ms(room.failures, static_cast<uint64_t>(options_.retry_ms),
                              static_cast<uint64_t>(options_.retry_max_ms), random_));
}

void Courier::again(const std::string& name, uint64_t wait_ms) {
  Room& room = rooms_.find(name)->second;
  --under_way_;
  room.under_way = 0;
  room.due_ms = now_ms() + wait_ms;
  queue(room);
}

void Courier::remove(const std::string& name, uint64_t id) {
  outbox_.remove({&id, 1}, [this, name, id](Status status, const Outbox::Items&) {
    post([this, name, id, status] {
      if (status == Status::ok) return over(name, id);
      after_store_failure([this, name, id] { remove(name, id); });
    });
  });
}

void Courier::bury(const std::string& name, uint64_t id, const std::string& reason) {
  outbox_.bury(id, reason, [this, name, id, reason](Status status, const Outbox::Items&) {
    post([this, name, id, reason, status] {
      if (status != Status::ok && status != Status::not_found) {
        return after_store_failure([this, name, id, reason] { bury(name, id, reason); });
      }
      if (status == Status::ok) {
        buried_.add();
        ++dead_;
        host_.error("event " + std::to_string(id) + " of room " + shown(name) +
                    " is given up: " + reason +
                    ". `freshet outbox dead` shows it, `freshet outbox "
                    "replay` sends it again");
      }
      over(name, id);
    });
  });
}

void Courier::over(const std::string& name, uint64_t id) {
  const auto it = rooms_.find(name);
  Room& room = it->second;
  known_.erase(id);
  waiting_ = std::max<int64_t>(0, waiting_ - 1);
  --under_way_;
  room.under_way = 0;
  room.failures = 0;
  if (!room.ids.empty() && room.ids.front() == id) room.ids.pop_front();
  if (room.ids.empty()) {
    rooms_.erase(it);
    return;
  }
  room.due_ms = now_ms();
  queue(room);
}

void Courier::note_backend(bool there, const std::string& why) {
  if (!there) {
    ++failures_;
    if (failures_ == 1)
      complain(Complaint::away, "the backend does not take events: " + why + "; they wait");
    if (!probing()) return;
    probe_due_ms_ = now_ms() + backoff_ms(failures_ - kFailuresUntilProbing + 1,
                                          static_cast<uint64_t>(options_.retry_ms),
                                          static_cast<uint64_t>(options_.retry_max_ms), random_);
    return;
  }
  const bool was_gone = probing();
  failures_ = 0;
  if (!was_gone) return;
  host_.info("the backend is there again");
  complain_again_ms_[static_cast<size_t>(Complaint::away)] = 0;
  end_pauses();  // they were for a backend that was gone
}

void Courier::end_pauses() {
  probe_due_ms_ = now_ms();
  due_.clear();
  for (auto& [name, room] : rooms_) {
    if (room.under_way != 0) continue;
    room.due_ms = now_ms();
    queue(room);
  }
}

// ---- the end -----------------------------------------------------------------------------------

bool Courier::settled() {
  {
    const std::lock_guard lock(mutex_);
    if (messages_.empty() && now_ms() >= hold_until_ms_) return true;
    if (std::exchange(asked_to_hurry_, true)) return false;
  }
  post([this] { hurry(); });
  return false;
}

void Courier::hurry() {
  be_patient();
  end_pauses();
}

void Courier::be_patient() {
  patient_until_ms_ = now_ms() + static_cast<uint64_t>(options_.stop_wait_ms);
}

// What is tried only when patience has ended holds nothing.
void Courier::note_what_holds() {
  const bool pending = listing_ || more_ || under_way_ > 0 || next_try_ms() < patient_until_ms_;
  const std::lock_guard lock(mutex_);
  hold_until_ms_ = pending ? patient_until_ms_ : 0;
}

void Courier::complain(Complaint about, const std::string& what) {
  const uint64_t now = now_ms();
  uint64_t& again_ms = complain_again_ms_[static_cast<size_t>(about)];
  if (now < again_ms) return;
  again_ms = now + kComplainAgainMs;
  about == Complaint::away || about == Complaint::no_first_state ? host_.warn(what)
                                                                 : host_.error(what);
}

}  // namespace freshet::webhook
