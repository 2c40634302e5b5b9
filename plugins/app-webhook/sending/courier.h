// plugins/app-webhook/sending/courier.h: takes what is in the outbox to the backend.
//
// One thread of its own, which does everything; others leave it messages. Of a room one event is
// under way at a time, and the next goes out when the outbox has forgotten it: after a crash the
// backend may see the last event of a room again, and never an older one after a newer. Rooms go
// side by side, within a bound. A failure holds up its room until it is taken or set aside; when
// everything fails, one delivery at a time asks whether the backend is there again.
// Of servers that share a store one delivers at a time, what all of them add: whoever has the
// claim. Without it nothing is sent, but what is on its way comes to its end.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>

#include "app-webhook/claiming/claim.h"
#include "app-webhook/dialect/dialect.h"
#include "app-webhook/options/options.h"
#include "app-webhook/sending/backlog.h"
#include "app-webhook/sending/circuit_breaker.h"
#include "app-webhook/sending/clock.h"
#include "app-webhook/sending/complaints.h"
#include "app-webhook/sending/first_states.h"
#include "app-webhook/sending/http_client.h"
#include "app-webhook/sending/mailbox.h"
#include "app-webhook/sending/store_retries.h"
#include "freshet/host.h"
#include "freshet/outbox.h"
#include "freshet/server.h"

namespace freshet::webhook {

class Courier {
 public:
  // Null: a failure, which is in the log. Borrows options, speech and clock.
  static std::unique_ptr<Courier> make(const Options& options, const Speech& speech, Outbox outbox,
                                       ServerRooms rooms, Host host, Clock& clock);
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  // The outbox has new entries, up to this id. [any]
  void added(uint64_t last_id, size_t count);
  // One was not taken, and is told of now and then. [any]
  void lost(std::string_view room, std::string_view why);
  // What was known of the outbox is no longer true. [any]
  void changed();

  // Writes what the backend has for a room, once it knows all that was told of it before. Blocks
  // until the deadline of the options at most. [worker]
  Status initial_storage(std::string_view room, Reply out) { return first_states_.get(room, out); }

  // Whether the server may end: nothing waits that the backend takes now, and another server may
  // deliver. From the first question on that is answered by no, what waits is sent without a
  // pause. [any], never blocks
  bool settled();

 private:
  // An event under way that needs its room's document.
  struct Stateful {
    Backlog::Event event;
    std::string text;  // an Entry
  };

  Courier(const Options& options, const Speech& speech, Outbox outbox, ServerRooms rooms, Host host,
          Clock& clock, std::unique_ptr<HttpClient> http);

  void run();
  void learn();
  void look();
  void leave_to_another();
  // How long turn() may wait.
  int64_t idle_ms() const;
  uint64_t next_try_ms() const;  // UINT64_MAX: nothing waits for one
  void show_waiting() const;

  // ---- delivering ----
  void start_due();
  void start(const Backlog::Event& event);
  void on_read(const Backlog::Event& event, Status status, std::string text);
  void read_state();
  void on_state(Status status, Bytes state);
  void send(const Backlog::Event& event, std::string body);
  void on_answer(const Backlog::Event& event, const HttpAnswer& answer);
  void on_failure(const Backlog::Event& event, const Judgement& judgement);
  void remove(const Backlog::Event& event);
  void bury(const Backlog::Event& event, const std::string& reason);
  void note_backend(bool there, const std::string& why);
  void end_pauses();

  // ---- the end ----
  void hurry();
  void be_patient();
  void note_what_holds();
  uint64_t end_ms() const;

  const Options& options_;
  const Speech& speech_;
  const Outbox outbox_;
  const ServerRooms rooms_of_server_;
  const Host host_;
  Clock& clock_;
  std::unique_ptr<HttpClient> http_;

  Mailbox mailbox_{[this] { http_->wake(); }};
  std::atomic<bool> asked_to_hurry_{false}, ending_{false}, shares_{false};

  // All else is the thread's.
  std::mt19937_64 random_{std::random_device{}()};
  Complaints complaints_{host_, clock_};
  CircuitBreaker breaker_{options_, random_};
  StoreRetries retries_{clock_, random_};
  Backlog backlog_{outbox_, mailbox_, retries_, clock_};
  Claim claim_{outbox_,
               mailbox_,
               clock_,
               {.begins = [this] { backlog_.begin_anew(); },
                .goes_on = [this] { backlog_.look_for_revived(); },
                .another = [this] { leave_to_another(); }}};
  bool delivers_ = false;  // as far as the backlog is of that
  uint64_t look_ms_ = 0;   // for what others have added
  FirstStates first_states_;
  std::deque<Stateful> stateful_;  // the document of the first is being read, if any
  bool reading_state_ = false;
  uint64_t patient_until_ms_ = UINT64_MAX;  // with the backend, once the server stops

  Metric delivered_, failed_, buried_, waiting_gauge_, dead_gauge_, oldest_gauge_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace freshet::webhook
