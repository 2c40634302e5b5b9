// plugins/store-postgres/database/troubles.h: what is wrong with the database, told once.
//
// Shared by all connections, from any thread. An outage is in the log when it begins, when its
// reason changes and when it ends; a failure of one call alone once a minute; a damaged room once.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "freshet/host.h"
#include "store-postgres/database/failure.h"

namespace freshet::postgres {

class Troubles {
 public:
  explicit Troubles(Host host);
  Troubles(const Troubles&) = delete;
  Troubles& operator=(const Troubles&) = delete;

  // `doing`: "append". `room`: whose call that was; empty: nobody's.
  void failed(const Failure& failure, std::string_view doing, std::string_view room,
              const std::string& place);
  // A call that only read went well: only an outage in which nothing answers is over with that.
  void has_read();
  void has_written();

  // For strangers. Empty: there is none.
  std::string brief() const;

  // A room that cannot be read whole. Answers Status::corrupt.
  Status damaged(std::string_view room, std::string_view how);
  void mended(std::string_view room);

  // Whether it is time to try to connect; after each attempt that fails that takes longer.
  bool may_connect();
  void connected(bool ok);

 private:
  void over();  // REQUIRES: mutex_ is held

  const Host host_;
  Metric failures_, failing_;
  std::atomic<bool> any_ = false;  // looked at in each call
  mutable std::mutex mutex_;
  std::string brief_;
  bool unreachable_ = false;
  std::map<std::string_view, int64_t> told_ms_;  // passing failures: when, by their brief words
  std::set<std::string, std::less<>> damaged_;
  int64_t pause_ms_ = 0;
  int64_t next_attempt_ms_ = 0;
};

}  // namespace freshet::postgres
