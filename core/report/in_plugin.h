// core/report/in_plugin.h: what this thread has asked a plugin for, should it crash there.
#pragma once

namespace freshet {

// While it lives. `what`: "store-mine.load"; it outlives this.
class InPlugin {
 public:
  explicit InPlugin(const char* what) : before_(now_) { now_ = what; }
  ~InPlugin() { now_ = before_; }
  InPlugin(const InPlugin&) = delete;
  InPlugin& operator=(const InPlugin&) = delete;

  static const char* now() { return now_; }  // null: nothing

 private:
  static inline thread_local const char* now_ = nullptr;
  const char* const before_;
};

}  // namespace freshet
