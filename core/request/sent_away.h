// core/request/sent_away.h: who is sent away, or not let in: counted by protocol and code, and told
// of in the log, one line for each kind in a while.
//
// One for the whole server.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/report/log.h"
#include "core/report/metrics.h"

namespace freshet {

class SentAway {
 public:
  SentAway(Metrics& metrics, Log& log) : metrics_(metrics), log_(log) {}
  SentAway(const SentAway&) = delete;
  SentAway& operator=(const SentAway&) = delete;

  struct One {
    std::string_view protocol;  // its plugin; "none" where there is no protocol
    uint16_t code;              // of abi/close.h, or of HTTP
    std::string_view reason;
    std::string_view peer;
    std::string_view room;  // empty: none, or not known yet
  };
  // [any]
  void note(const One& one, uint64_t now_ms);

 private:
  struct Kind {
    freshet_metric* count;
    uint64_t not_before_ms = 0;
    uint64_t unsaid = 0;
  };

  Metrics& metrics_;
  Log& log_;
  std::mutex mutex_;  // guards what follows
  // By protocol and code, of which there are a few.
  std::map<std::pair<std::string, uint16_t>, Kind> kinds_;
};

}  // namespace freshet
