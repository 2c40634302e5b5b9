#include "app-webhook/sending/mailbox.h"

#include <utility>

namespace freshet::webhook {

void Mailbox::post(Message message) {
  {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
  }
  wake_();
}

void Mailbox::read() {
  std::vector<Message> messages;
  {
    const std::lock_guard lock(mutex_);
    messages.swap(messages_);
    if (!messages.empty()) hold_until_ms_ = UINT64_MAX;
  }
  for (const Message& message : messages) message();
}

void Mailbox::hold_until(uint64_t ms) {
  const std::lock_guard lock(mutex_);
  hold_until_ms_ = ms;
}

bool Mailbox::is_settled(uint64_t now_ms) const {
  const std::lock_guard lock(mutex_);
  return messages_.empty() && now_ms >= hold_until_ms_;
}

}  // namespace freshet::webhook
