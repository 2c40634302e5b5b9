// plugins/app-webhook/sending/courier.h: takes what is in the outbox to the backend.
//
// One thread of its own, which does everything; others leave it messages. Of a room one event is
// under way at a time, and the next goes out when the outbox has forgotten it: after a crash the
// backend may see the last event of a room again, and never an older one after a newer. Rooms go
// side by side, within a bound. A failure holds up its room until it is taken or set aside; when
// everything fails, one delivery at a time asks whether the backend is there again.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <semaphore>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "app-webhook/dialect/dialect.h"
#include "app-webhook/options/options.h"
#include "app-webhook/sending/clock.h"
#include "app-webhook/sending/http_client.h"
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
  Status initial_storage(std::string_view room, Reply out);

  // Whether the server may end: nothing waits that the backend takes now. From the first question
  // on that is answered by no, what waits is sent without a pause. [any], never blocks
  bool settled();

 private:
  // The events of a room that wait, and the one under way.
  struct Room {
    std::string name;
    std::deque<uint64_t> ids;  // ascending; the first may be under way
    uint64_t under_way = 0;    // 0: none
    uint64_t failures = 0;     // of the first
    uint64_t due_ms = 0;       // when it may be tried
  };
  // Somebody who waits for a first state. On the stack of who asks.
  struct Ask {
    std::string room;
    uint64_t after_id = 0;  // it may go when all up to this is known, and none of the room waits
    uint64_t until_ms = 0;
    Status status = Status::retry;
    std::string state;
    std::binary_semaphore done{0};
  };
  // An event under way that needs its room's document.
  struct Stateful {
    std::string name;
    uint64_t id = 0;
    std::string text;  // an Entry
  };
  // What the log is told of now and then, each for itself.
  enum class Complaint : uint8_t { away, lost, no_first_state, too_long };

  Courier(const Options& options, const Speech& speech, Outbox outbox, ServerRooms rooms, Host host,
          Clock& clock, std::unique_ptr<HttpClient> http);

  void run();
  void post(std::function<void()> message);
  void read_messages();
  uint64_t now_ms() const { return clock_.now_ms(); }
  // How long turn() may wait.
  int64_t idle_ms() const;
  uint64_t next_try_ms() const;  // UINT64_MAX: nothing waits for one
  void after(uint64_t wait_ms, std::function<void()> what);
  void after_store_failure(std::function<void()> what);
  bool probing() const { return failures_ >= kFailuresUntilProbing; }

  // ---- knowing what there is ----
  void begin_anew();
  void list_more();
  void on_listed(uint64_t epoch, uint64_t added_id, Status status, const Outbox::Items& items);
  void take_in(uint64_t id, const std::string& key, uint64_t unix_ms);
  void count_all();
  int64_t waiting() const;  // events, as far as is known
  void show_waiting() const;

  // ---- delivering ----
  void start_due();
  void start(Room& room);
  void on_read(const std::string& name, uint64_t id, Status status, std::string text);
  void read_state();
  void on_state(Status status, Bytes state);
  void send(const std::string& name, uint64_t id, std::string body);
  void on_answer(const std::string& name, uint64_t id, const HttpAnswer& answer);
  void on_failure(Room& room, uint64_t id, const Judgement& judgement);
  void remove(const std::string& name, uint64_t id);
  void bury(const std::string& name, uint64_t id, const std::string& reason);
  void over(const std::string& name, uint64_t id);        // it waits no more
  void again(const std::string& name, uint64_t wait_ms);  // try the room's first later
  void queue(Room& room);
  void note_backend(bool there, const std::string& why);
  void end_pauses();
  void complain(Complaint about, const std::string& what);

  // ---- the end ----
  void hurry();
  void be_patient();
  void note_what_holds();

  // ---- courier_asks.cc: first states ----
  void take_ask(Ask* ask);
  void look_at_asks();
  void send_ask(Ask* ask, uint64_t now);  // REQUIRES: it has time left
  void on_ask_answered(Ask* ask, const HttpAnswer& answer);
  static void answer_ask(Ask* ask, Status status);

  const Options& options_;
  const Speech& speech_;
  const Outbox outbox_;
  const ServerRooms rooms_of_server_;
  const Host host_;
  Clock& clock_;
  std::unique_ptr<HttpClient> http_;

  std::mutex mutex_;  // guards the next three
  std::vector<std::function<void()>> messages_;
  uint64_t hold_until_ms_ = 0;  // the server need not wait longer, as far as messages were read
  bool asked_to_hurry_ = false;
  std::atomic<bool> ending_{false};

  // All else is the thread's.
  std::map<std::string, Room, std::less<>> rooms_;
  std::set<std::pair<uint64_t, Room*>> due_;  // rooms with events and none under way, by due_ms
  std::map<uint64_t, uint64_t> known_;        // ids of the window, and when each happened
  uint64_t epoch_ = 0;                        // of what is known; raised by begin_anew()
  uint64_t listed_id_ = 0;                    // all up to this are, or were, in the window
  uint64_t added_id_ = 0;                     // the highest of which we heard
  bool listing_ = false;
  bool more_ = false;        // there may be more than what was listed
  bool listed_all_ = false;  // all there was when this epoch began
  uint64_t store_failures_ = 0;
  size_t under_way_ = 0;
  uint64_t failures_ = 0;  // in a row, of whatever room
  uint64_t probe_due_ms_ = 0;
  uint64_t patient_until_ms_ = UINT64_MAX;       // with the backend, once the server stops
  std::array<uint64_t, 4> complain_again_ms_{};  // by Complaint
  std::deque<Stateful> stateful_;                // the document of the first is being read, if any
  bool reading_state_ = false;
  std::vector<Ask*> asks_;
  std::multimap<uint64_t, std::function<void()>> later_;  // by when
  std::mt19937_64 random_{std::random_device{}()};
  int64_t waiting_ = 0, dead_ = 0;

  Metric delivered_, failed_, buried_, initial_failed_, waiting_gauge_, dead_gauge_, oldest_gauge_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace freshet::webhook
