// core/report/in_plugin.h: what a thread has asked a plugin for, should it crash there, or stay.
#pragma once

#include <atomic>

namespace freshet {

// While it lives. `what`: "store-mine.load"; it outlives this.
class InPlugin {
 public:
  explicit InPlugin(const char* what)
      : place_(place()), before_(place_.load(std::memory_order_relaxed)) {
    place_.store(what, std::memory_order_relaxed);
  }
  ~InPlugin() { place_.store(before_, std::memory_order_relaxed); }
  InPlugin(const InPlugin&) = delete;
  InPlugin& operator=(const InPlugin&) = delete;

  // Of this thread; null: nothing.
  static const char* now() { return place().load(std::memory_order_relaxed); }
  // From now on what this thread asks for is seen there by others. `place` outlives the thread.
  static void show_in(std::atomic<const char*>& place) { shown_ = &place; }

 private:
  static std::atomic<const char*>& place() { return shown_ != nullptr ? *shown_ : own_; }

  static inline thread_local std::atomic<const char*> own_{nullptr};
  static inline thread_local std::atomic<const char*>* shown_ = nullptr;
  std::atomic<const char*>& place_;
  const char* const before_;
};

}  // namespace freshet
