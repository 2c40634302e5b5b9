// core/host/steps.h: which function of a plugin the start, or the end, of the server is in.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

namespace freshet {

// Written by the thread that loads plugins, read by any other and by signal handlers.
class Steps {
 public:
  // While it lives. `what`: "store-mine.create". None is begun within another. [main]
  class Step {
   public:
    Step(Steps& of, std::string what) : of_(of) {
      of_.now_.store(of_.all_.emplace_back(std::move(what)).c_str());
      of_.count_.fetch_add(1);
    }
    ~Step() { of_.now_.store(nullptr); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

    const char* what() const { return of_.now(); }

   private:
    Steps& of_;
  };

  // Null: none. What it points to stays. [any]
  const char* now() const { return now_.load(); }
  // How many have begun. [any]
  uint64_t count() const { return count_.load(); }

 private:
  std::deque<std::string> all_;  // a handful for each plugin; never shrinks
  std::atomic<const char*> now_{nullptr};
  std::atomic<uint64_t> count_{0};
};

}  // namespace freshet
