#include "core/check/run/witness.h"

#include <sys/mman.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <new>

#include "core/check/limits.h"

namespace freshet::check {
namespace {

// What a signal handler can reach.
thread_local const char* t_inside = nullptr;
Whereabouts* s_at = nullptr;

Whereabouts* shared_page() {
  void* page = ::mmap(nullptr, sizeof(Whereabouts), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) std::abort();
  return new (page) Whereabouts{};
}

// Returns into what crashed, which then ends the process as it would have.
void on_crash(int signal) {
  s_at->crashed = t_inside;
  ::raise(signal);
}

uint64_t now_ns() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

std::string named(const char* before, const char* function) {
  return std::string(before) + function;
}

}  // namespace

Witness::Witness() : at_(shared_page()) {}
Witness::~Witness() { ::munmap(at_, sizeof(Whereabouts)); }

void Witness::watch_for_crashes() const {
  s_at = at_;
  static char stack[1 << 16];
  stack_t alternative{};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof(stack);
  ::sigaltstack(&alternative, nullptr);
  struct sigaction action{};
  action.sa_handler = on_crash;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_ONSTACK);
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP}) {
    ::sigaction(signal, &action, nullptr);
  }
}

void Witness::forget() const {
  for (auto* each : {&at_->inside, &at_->last, &at_->waiting, &at_->crashed}) *each = nullptr;
}

std::string Witness::where_it_crashed() const {
  if (const char* in = at_->crashed) return named("in ", in);
  if (const char* in = at_->inside) return named("in another thread, during ", in);
  if (const char* last = at_->last) return named("after ", last);
  return "before anything was called";
}

// A call that is slow, and made many times, has not hung.
std::string Witness::where_it_hangs(std::chrono::seconds after) const {
  const std::string within = " within " + std::to_string(after.count()) + " s";
  if (const char* in = at_->inside) {
    const uint64_t since_ms = (now_ns() - at_->since_ns) / 1'000'000;
    if (at_->times == 1 || since_ms * 2 > static_cast<uint64_t>(after.count()) * 1000) {
      return std::string(in) + " did not return" + within;
    }
    return "the test was not done" + within + ": " + in + " was called for the " +
           std::to_string(at_->times) + ". time, " + std::to_string(since_ms) + " ms before";
  }
  if (const char* waiting = at_->waiting)
    return std::string(waiting) + " was not answered" + within;
  if (const char* last = at_->last)
    return named("it did not end; the last call was ", last) + within;
  return "it did not end" + within;
}

std::string Witness::where_it_was() const {
  if (const char* in = at_->inside) return named("in ", in);
  return where_it_crashed();
}

Witness::Calling::Calling(const Witness& witness, const char* function)
    : witness_(witness), function_(function), outer_(t_inside) {
  t_inside = function;
  Whereabouts& at = *witness.at_;
  at.times = at.last == function ? at.times + 1 : 1;
  at.since_ns = now_ns();
  at.inside = function;
}

Witness::Calling::~Calling() {
  t_inside = outer_;
  witness_.at_->inside = outer_;
  witness_.at_->last = function_;
}

// ---- answers

freshet_reply Witness::watched(const char* function, freshet_reply to) {
  const std::lock_guard lock(mutex_);
  Asked& asked = asked_.emplace_back();
  asked.witness = this;
  asked.function = function;
  asked.to = to;
  asked.replies = {sizeof(freshet_replies), &asked, write, done};
  at_->waiting = function;
  return {&asked.replies, to.token};
}

void Witness::give_up(freshet_reply watched) {
  const auto& asked = *static_cast<const Asked*>(watched.to->ctx);
  bool answered = false;
  {
    const std::lock_guard lock(mutex_);
    answered = asked.times > 0;
  }
  if (!answered) done(watched.to->ctx, watched.token, FRESHET_INTERNAL);
}

void Witness::plugin_is_gone() {
  const std::lock_guard lock(mutex_);
  for (Asked& asked : asked_) asked.gone = true;
}

freshet_status Witness::write(void* ctx, uint64_t, const freshet_item* item) {
  auto& asked = *static_cast<Asked*>(ctx);
  Witness& self = *asked.witness;
  bool late = false;
  {
    const std::lock_guard lock(self.mutex_);
    late = asked.times > 0 || asked.gone;
  }
  if (late) {
    self.breach("AnswersOnce", std::string(asked.function) + " wrote an item after its answer");
    return FRESHET_OK;
  }
  if (item == nullptr || (item->bytes.data == nullptr && item->bytes.size > 0)) {
    self.breach("AnswersWithSense", std::string(asked.function) + " wrote an item that is none");
    return FRESHET_INTERNAL;
  }
  return asked.to.to->write(asked.to.to->ctx, asked.to.token, item);
}

void Witness::done(void* ctx, uint64_t, freshet_status status) {
  auto& asked = *static_cast<Asked*>(ctx);
  Witness& self = *asked.witness;
  int times = 0;
  bool gone = false;
  {
    const std::lock_guard lock(self.mutex_);
    times = ++asked.times;
    gone = asked.gone;
  }
  const std::string name = asked.function;
  if (gone) {
    self.breach("AnswersOnce", name + " was answered after the plugin was destroyed");
    return;
  }
  if (times > 1) {
    self.breach("AnswersOnce", name + " was answered " + std::to_string(times) + " times");
    return;
  }
  self.returned(asked.function, status);
  const char* waiting = asked.function;
  self.at_->waiting.compare_exchange_strong(waiting, nullptr);
  asked.to.to->done(asked.to.to->ctx, asked.to.token, status);
}

// ---- breaches

void Witness::breach(const char* rule, const std::string& what) {
  const std::lock_guard lock(mutex_);
  const bool known = std::ranges::any_of(
      breaches_, [&](const Breach& one) { return one.rule == rule && one.what == what; });
  if (!known && breaches_.size() < kMaxBreaches) breaches_.push_back({rule, what});
}

std::vector<Breach> Witness::breaches() const {
  const std::lock_guard lock(mutex_);
  return breaches_;
}

void Witness::threw(const char* function, const std::string& what) {
  breach("ThrowsNothing", std::string(function) + " threw " + what);
}

void Witness::returned(const char* function, freshet_status status) {
  if (status >= FRESHET_OK && status <= FRESHET_INTERNAL) return;
  breach("AnswersWithSense",
         std::string(function) + " answered " + std::to_string(status) + ", which is no status");
}

}  // namespace freshet::check
