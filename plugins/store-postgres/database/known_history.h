// plugins/store-postgres/database/known_history.h: which history of all that is stored this process
// knows.
//
// Another one is there when a database was put back to an earlier time, see
// freshet_store.new_history: what a process that ran through that knows of rooms is then of none of
// them. Shared by all connections. [any]
#pragma once

#include <atomic>
#include <cstdint>

namespace freshet::postgres {

class KnownHistory {
 public:
  explicit KnownHistory(int64_t number) : number_(number) {}
  KnownHistory(const KnownHistory&) = delete;
  KnownHistory& operator=(const KnownHistory&) = delete;

  int64_t number() const { return number_; }
  // This process has begun it.
  void begin(int64_t number) { number_ = number; }

  // Whether that is what is there. Once it was not, doubted() holds until it is again.
  bool matches(int64_t number) {
    doubted_ = number != number_;
    return !doubted_;
  }
  bool doubted() const { return doubted_; }

 private:
  std::atomic<int64_t> number_;
  std::atomic<bool> doubted_ = false;
};

}  // namespace freshet::postgres
