#include "core/report/crash.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string_view>

#include "core/report/in_plugin.h"
#include "core/report/raw_line.h"

namespace freshet {
namespace {

// A sanitizer says more, by handlers of its own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

constexpr size_t kMostFrames = 64;
constexpr size_t kStackBytes = size_t{64} << 10;  // for the handler: the thread's own may be full
constexpr std::array kSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

std::string_view name_of_signal(int number) {
  switch (number) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGFPE: return "SIGFPE";
    case SIGILL: return "SIGILL";
    default: return "SIGABRT";
  }
}

// Of what every program has, nobody is to blame.
bool is_of_the_system(std::string_view file) {
  const std::string_view name = file.substr(file.rfind('/') + 1);
  return name.starts_with("libc.so") || name.starts_with("libstdc++") ||
         name.starts_with("libgcc") || name.starts_with("libm.so") ||
         name.starts_with("linux-vdso");
}

// The innermost file on the stack that is not the system's, behind this handler's own frames.
std::string_view culprit() {
  void* frames[kMostFrames];
  const int count = ::backtrace(frames, static_cast<int>(kMostFrames));
  bool was_system = false;  // the handler is called by the system
  for (int i = 0; i < count; ++i) {
    Dl_info info{};
    if (::dladdr(frames[i], &info) == 0 || info.dli_fname == nullptr) continue;
    const bool is_system = is_of_the_system(info.dli_fname);
    if (was_system && !is_system) return info.dli_fname;
    was_system = was_system || is_system;
  }
  return "an unknown file";
}

void on_crash(int number) {
  char thread[16] = "?";
  static_cast<void>(::pthread_getname_np(::pthread_self(), thread, sizeof(thread)));
  RawLine line;
  line.add("freshet: crashed (").add(name_of_signal(number)).add(") in ").add(culprit());
  if (const char* asked = InPlugin::now()) line.add(", which was asked for ").add(asked);
  line.add(", thread ").add(thread);
  line.write();
  std::signal(number, SIG_DFL);
  static_cast<void>(std::raise(number));
}

}  // namespace

void tell_of_crashes() {
  if (kSanitized) return;
  // Its first call loads a library, which a handler must not.
  void* frame[1];
  static_cast<void>(::backtrace(frame, 1));
  static char stack[kStackBytes];
  stack_t own{};
  own.ss_sp = stack;
  own.ss_size = sizeof(stack);
  static_cast<void>(::sigaltstack(&own, nullptr));
  struct sigaction act{};
  act.sa_handler = on_crash;
  act.sa_flags = SA_ONSTACK | static_cast<int>(SA_RESETHAND);
  for (const int number : kSignals) static_cast<void>(::sigaction(number, &act, nullptr));
}

}  // namespace freshet
