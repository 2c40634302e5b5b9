#include "platform-ws/socket/admission.h"

namespace freshet::ws {

Seat::~Seat() {
  if (admission_ == nullptr) return;
  const std::lock_guard lock(admission_->mutex_);
  --admission_->taken_;
  admission_->remove_locked(counted_as_);
}

bool Seat::count_as(const IpAddress& client) {
  if (admission_ == nullptr || !admission_->is_counted(client) || counted_as_ == client) {
    return true;
  }
  const std::lock_guard lock(admission_->mutex_);
  if (!admission_->add_locked(client)) return false;
  admission_->remove_locked(counted_as_);
  counted_as_ = client;
  return true;
}

bool Admission::admit(const PeerAddress& address, Seat& out) {
  const PeerAddress counted = is_counted(address) ? address : PeerAddress{};
  {
    const std::lock_guard lock(mutex_);
    if (taken_ >= total_) return false;
    if (counted && !add_locked(*counted)) return false;
    ++taken_;
  }
  out = Seat(this, counted);
  return true;
}

size_t Admission::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

bool Admission::is_counted(const PeerAddress& address) const {
  return per_address_ > 0 && address && !address->is_loopback();
}

bool Admission::add_locked(const IpAddress& address) {
  size_t& count = by_address_[address];
  if (count >= per_address_) return false;
  ++count;
  return true;
}

void Admission::remove_locked(const PeerAddress& address) {
  if (!address) return;
  const auto found = by_address_.find(*address);
  if (--found->second == 0) by_address_.erase(found);
}

}  // namespace freshet::ws
