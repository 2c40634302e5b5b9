// plugins/app-webhook/sending/mailbox.h: what other threads leave for a thread that does
// everything, and what it lets them know.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace freshet::webhook {

class Mailbox {
 public:
  using Message = std::function<void()>;

  // `wake`: calls the thread to read. [any]
  explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  // In order, from one thread. [any]
  void post(Message message);
  // Runs what has come. By that the thread has something in hand, until it says otherwise.
  void read();

  // What is in hand is worth waiting for until then; 0: nothing is in hand.
  void hold_until(uint64_t ms);
  // Nothing is unread, and nothing in hand any more. [any], never blocks
  bool is_settled(uint64_t now_ms) const;

 private:
  const std::function<void()> wake_;
  mutable std::mutex mutex_;  // guards the next two
  std::vector<Message> messages_;
  uint64_t hold_until_ms_ = 0;
};

}  // namespace freshet::webhook
