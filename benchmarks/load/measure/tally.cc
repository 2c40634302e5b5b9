#include "tally.h"

#include <ctime>

#include "load/limits.h"

namespace freshet::load {

int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

void Faults::add(const std::string& why) {
  ++count_;
  const auto known = reasons_.find(why);
  if (known != reasons_.end()) {
    ++known->second;
  } else if (reasons_.size() < kMaxReasons) {
    reasons_.emplace(why, 1);
  }
}

void Faults::closed(uint16_t code, const std::string& why) {
  ++closes_[code];
  add("closed with " + std::to_string(code) + (why.empty() ? "" : " \"" + why + "\""));
}

}  // namespace freshet::load
