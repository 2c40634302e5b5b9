// plugins/app-webhook/sending/complaints.h: what the log is told of now and then, each for itself.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "app-webhook/sending/clock.h"
#include "freshet/host.h"

namespace freshet::webhook {

enum class Complaint : uint8_t { away, lost, no_first_state, too_long };

// On one thread.
class Complaints {
 public:
  // Borrows the clock.
  Complaints(Host host, const Clock& clock) : host_(host), clock_(clock) {}

  // Unless the same was told in the last kComplainAgainMs.
  void tell(Complaint about, const std::string& what);
  // It has ended: the next is told at once.
  void ended(Complaint about) { again_ms_[static_cast<size_t>(about)] = 0; }

 private:
  const Host host_;
  const Clock& clock_;
  std::array<uint64_t, 4> again_ms_{};  // by Complaint
};

}  // namespace freshet::webhook
