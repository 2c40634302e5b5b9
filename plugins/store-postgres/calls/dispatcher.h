// plugins/store-postgres/calls/dispatcher.h: which call is carried out when, and by which session.
//
// Each worker has a thread and a session with a connection of its own. Calls that name the same key
// (a room, a topic, a node) are carried out one after the other, in the order in which they came;
// others beside each other. Neither those that write nor those that read ever have all workers: so
// a load does not wait until the appends of others are through, which may wait for locks.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "freshet/host.h"
#include "freshet/store.h"
#include "store-postgres/session.h"

namespace freshet::postgres {

class Dispatcher {
 public:
  using Work = std::function<void(Session& session, const freshet_store& table)>;

  struct Call {
    enum class Kind { reads, writes };
    enum class Place {
      in_line,
      // Waits for those before it; nobody waits for it. For a look at many rooms at once, which
      // would otherwise make every room wait for every other.
      aside,
    };
    Kind kind = Kind::reads;
    Place place = Place::in_line;
    std::vector<std::string> keys;
    Work work;
    std::function<void()> give_up;  // instead of the work, where there will be none
  };

  // Borrows all of them but the host.
  Dispatcher(const Options& options, KnownHistory& history, Troubles& troubles, Host host);
  // Ends what is being asked of the server, and gives up all calls that wait.
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Returns at once. Gives up a call at once if too many wait. [any]
  void submit(Call call);

 private:
  struct Waiting {
    Call call;
    size_t behind = 0;               // how many calls it waits for
    std::vector<Waiting*> before{};  // the calls that wait for it
  };
  using Ready = std::deque<std::unique_ptr<Waiting>>;

  void serve(const std::stop_token& stop, Session& session, const freshet_store& table);
  // The functions below: REQUIRES: mutex_ is held.
  std::unique_ptr<Waiting> next();
  void make_ready(std::unique_ptr<Waiting> waiting);
  void finish(Waiting& waiting);
  size_t& at_work(Call::Kind kind) { return kind == Call::Kind::reads ? reading_ : writing_; }

  const Host host_;
  const size_t most_of_a_kind_;
  const Metric waiting_calls_;
  int stop_;  // an eventfd, readable once the workers are to stop

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool stopping_ = false;
  bool told_full_ = false;
  size_t count_ = 0;
  size_t reading_ = 0, writing_ = 0;  // workers
  Ready ready_reads_, ready_writes_;
  std::unordered_map<Waiting*, std::unique_ptr<Waiting>> behind_;  // that wait for others
  std::unordered_map<std::string, Waiting*> last_;                 // the last in line of each key

  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<Bound<Store>>> tables_;
  std::vector<std::jthread> threads_;  // the last: they use all of the above
};

}  // namespace freshet::postgres
