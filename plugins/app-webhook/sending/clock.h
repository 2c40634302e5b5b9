// plugins/app-webhook/sending/clock.h: the time: the machine's, or one that a test turns.
#pragma once

#include <cstdint>
#include <functional>

namespace freshet::webhook {

class Clock {
 public:
  virtual ~Clock() = default;

  // Does not go back. [any]
  virtual uint64_t now_ms() const = 0;
  // The wall's. [any]
  virtual uint64_t unix_ms() const = 0;
  // Blocks. [worker]
  virtual void sleep_ms(uint64_t ms) = 0;
  // What to call when the time leaps, until it is set anew; nothing for none. The machine's never
  // does: whoever waits for it waits as long as he has computed.
  virtual void on_leap(std::function<void()> wake) = 0;
};

class SystemClock final : public Clock {
 public:
  uint64_t now_ms() const override;
  uint64_t unix_ms() const override;
  void sleep_ms(uint64_t ms) override;
  void on_leap(std::function<void()>) override {}
};

}  // namespace freshet::webhook
