// core/check/run/witness.h: what is seen of a plugin while it is called.
//
// Which function is being called is noted in memory that the process has in common with the one
// that started it, which so can say where a test crashed or hung.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "freshet/abi/base.h"
#include "freshet/result.h"

namespace freshet::check {

// Where a process was when it ended. Names are literals of this program: processes that were forked
// have them in the same place.
struct Whereabouts {
  std::atomic<const char*> inside;   // being called now
  std::atomic<uint64_t> since_ns;    // and since when, by the clock that all processes have
  std::atomic<uint32_t> times;       // and how often, one call after the other
  std::atomic<const char*> last;     // called last, and it returned
  std::atomic<const char*> waiting;  // called, and not answered yet
  std::atomic<const char*> crashed;  // what the thread that crashed was calling; null: nothing
};

// One rule of the border that was broken, whatever the test was about.
struct Breach {
  std::string rule;  // "AnswersOnce"
  std::string what;  // "store.append was answered 2 times"
};

// Made before the processes are forked that it is the witness of. [any] unless said otherwise.
class Witness {
 public:
  Witness();
  ~Witness();
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  // For the process that started another: where that was, as the end of a sentence. [main]
  std::string where_it_crashed() const;
  // Of one that was ended after so long: all of the sentence.
  std::string where_it_hangs(std::chrono::seconds after) const;
  std::string where_it_was() const;
  void forget() const;  // before the next is started
  // In the process: what kills it is noted. [main]
  void watch_for_crashes() const;

  // A call, while it lasts.
  class Calling {
   public:
    Calling(const Witness& witness, const char* function);
    ~Calling();
    Calling(const Calling&) = delete;
    Calling& operator=(const Calling&) = delete;

   private:
    const Witness& witness_;
    const char* function_;
    const char* outer_;
  };

  // The reply to hand to a plugin in the place of `to`, which hears of the first answer alone.
  freshet_reply watched(const char* function, freshet_reply to);
  // What was asked so and not answered is answered now, as by the server when a plugin threw.
  void give_up(freshet_reply watched);
  // From now on nobody may answer what was asked before.
  void plugin_is_gone();
  void breach(const char* rule, const std::string& what);
  std::vector<Breach> breaches() const;

  void threw(const char* function, const std::string& what);
  void returned(const char* function, freshet_status status);

 private:
  struct Asked {
    Witness* witness;
    const char* function;
    freshet_reply to;
    int times = 0;
    bool gone = false;
    freshet_replies replies;
  };
  static freshet_status write(void* ctx, uint64_t token, const freshet_item* item);
  static void done(void* ctx, uint64_t token, freshet_status status);

  Whereabouts* const at_;
  mutable std::mutex mutex_;
  std::deque<Asked> asked_;  // addresses stay; a late answer still finds its own
  std::vector<Breach> breaches_;
};

}  // namespace freshet::check
