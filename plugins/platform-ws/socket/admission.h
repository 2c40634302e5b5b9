// admission.h: how many sockets may be open, in all and for one address.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <utility>

#include "platform-ws/http/address.h"

namespace freshet::ws {

class Admission;

// The right to be connected, given back when it is destroyed.
class Seat {
 public:
  Seat() = default;
  Seat(Admission* admission, PeerAddress counted_as)
      : admission_(admission), counted_as_(counted_as) {}
  Seat(Seat&& other) noexcept
      : admission_(std::exchange(other.admission_, nullptr)), counted_as_(other.counted_as_) {}
  Seat& operator=(Seat&& other) noexcept {
    std::swap(admission_, other.admission_);
    std::swap(counted_as_, other.counted_as_);
    return *this;
  }
  ~Seat();

  // From now on it counts for `client` (behind a proxy, known only once a request came). False, and
  // nothing changed, when that address has no room.
  bool count_as(const IpAddress& client);

 private:
  Admission* admission_ = nullptr;
  PeerAddress counted_as_;  // none: in the total only
};

// Asked when a socket comes, a proxied client is known, and a socket goes: never for a message. So
// one lock does, and it is held for one look-up in a map.
class Admission {
 public:
  // `per_address` 0: no limit.
  Admission(size_t total, size_t per_address) : total_(total), per_address_(per_address) {}

  // False: no room. `address` none, or loopback: counted in the total only.
  bool admit(const PeerAddress& address, Seat& out);
  size_t taken() const;

 private:
  friend class Seat;
  bool add_locked(const IpAddress& address);
  void remove_locked(const PeerAddress& address);
  bool is_counted(const PeerAddress& address) const;

  const size_t total_, per_address_;
  mutable std::mutex mutex_;
  size_t taken_ = 0;
  std::map<IpAddress, size_t> by_address_;
};

}  // namespace freshet::ws
