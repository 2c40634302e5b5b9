#include "store-postgres/database/troubles.h"

#include <algorithm>

#include "freshet/format/shown_name.h"
#include "store-postgres/database/connection.h"
#include "store-postgres/limits.h"

namespace freshet::postgres {

Troubles::Troubles(Host host)
    : host_(host),
      failures_(host.counter("freshet_store_failures_total", "Calls of the store that failed.")),
      failing_(host.gauge("freshet_store_failing", "1 while the database does not answer.")) {}

void Troubles::failed(const Failure& failure, std::string_view doing, std::string_view room,
                      const std::string& place) {
  failures_.add();
  const std::lock_guard lock(mutex_);
  const std::string line =
      "store: cannot " + std::string(doing) + " at " + place + ": " + failure.words;
  if (failure.kind == Failure::Kind::passing) {
    int64_t& told_ms = told_ms_[failure.brief];
    if (told_ms != 0 && steady_ms() < told_ms + kToldAgainMs) return;
    told_ms = steady_ms();
    return host_.warn(line + ". It is tried again");
  }
  const bool is_new = brief_ != failure.brief;
  brief_ = failure.brief;
  unreachable_ = failure.reconnect;
  any_ = true;
  failing_.set(1);
  if (!is_new) return;
  host_.error(line + (room.empty() ? "" : "; room \"" + shown_name(room) + "\"") +
              (failure.status == Status::retry
                   ? ". Nothing is acknowledged until this is mended; it is tried again"
                   : ""));
}

void Troubles::has_read() {
  if (!any_) return;
  const std::lock_guard lock(mutex_);
  if (unreachable_) over();
}

void Troubles::has_written() {
  if (!any_) return;
  const std::lock_guard lock(mutex_);
  over();
}

void Troubles::over() {
  if (brief_.empty()) return;
  brief_.clear();
  any_ = false;
  failing_.set(0);
  host_.info("store: the database answers again");
}

std::string Troubles::brief() const {
  if (!any_) return {};
  const std::lock_guard lock(mutex_);
  return brief_;
}

Status Troubles::damaged(std::string_view room, std::string_view how) {
  const std::lock_guard lock(mutex_);
  if (damaged_.contains(room)) return Status::corrupt;
  if (damaged_.size() >= kMaxDamagedRoomsTold) damaged_.clear();
  damaged_.emplace(room);
  host_.error("store: room \"" + shown_name(room) + "\" is damaged: " + std::string(how) +
              ". It stays closed; restore it from a backup of the database, or delete it");
  return Status::corrupt;
}

void Troubles::mended(std::string_view room) {
  const std::lock_guard lock(mutex_);
  if (const auto it = damaged_.find(room); it != damaged_.end()) damaged_.erase(it);
}

bool Troubles::may_connect() {
  const std::lock_guard lock(mutex_);
  return steady_ms() >= next_attempt_ms_;
}

void Troubles::connected(bool ok) {
  const std::lock_guard lock(mutex_);
  pause_ms_ = ok ? 0 : std::clamp(pause_ms_ * 2, kFirstPauseMs, kLongestPauseMs);
  next_attempt_ms_ = ok ? 0 : steady_ms() + pause_ms_;
}

}  // namespace freshet::postgres
