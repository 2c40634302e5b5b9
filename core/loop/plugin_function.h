// core/loop/plugin_function.h: what is counted and told of one function of a plugin.
//
// One for each function that answers later, for the whole server. What goes wrong is one line, with
// the plugin, the function, what it was about and what came of it, and then not again for a while:
// the counters count what follows. What goes wrong in another way is another line.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>

#include "core/report/log.h"
#include "core/report/metrics.h"
#include "freshet/result.h"

namespace freshet {

class PluginFunction {
 public:
  // `usual`: what it answers when nothing is wrong with the plugin. Both outlive it.
  PluginFunction(Metrics& metrics, Log& log, std::string_view plugin, std::string_view function,
                 std::initializer_list<Status> usual);
  PluginFunction(const PluginFunction&) = delete;
  PluginFunction& operator=(const PluginFunction&) = delete;

  // "store-mine.load"
  const std::string& name() const { return name_; }
  bool is_usual(Status status) const { return (usual_ >> static_cast<int>(status) & 1) != 0; }

  // ---- [any]; `about`: "room \"x\""; empty: nothing that has a name ----
  void asked() { waiting_.add(); }
  void ended() { waiting_.add(-1); }  // it was asked, and has answered however late
  // After so long from when it was asked.
  void answered(Status status, uint64_t took_ms, uint64_t now_ms, std::string_view about);
  void late(uint64_t after_ms, uint64_t now_ms, std::string_view about);
  // To a call that was answered before.
  void answered_again(uint64_t now_ms);
  // `what` makes no sense: "a user that is no JSON object".
  void answered_nonsense(std::string_view what, uint64_t now_ms, std::string_view about);
  void threw(std::string_view what, uint64_t now_ms, std::string_view about);

 private:
  // In what way something went wrong: a status it answered, or one of these.
  static constexpr size_t kLate = 32, kAgain = 33, kNonsense = 34, kThrew = 35, kWays = 36;
  struct Told {
    uint64_t not_before_ms = 0;
    uint64_t untold = 0;
  };

  void tell(size_t way, std::string_view what, uint64_t now_ms, std::string_view about);

  Log& log_;
  const std::string name_;
  uint32_t usual_ = 0;
  Histogram& took_;
  freshet_metric &failed_, &late_, &waiting_;
  std::mutex mutex_;  // guards what follows
  std::array<Told, kWays> told_{};
};

}  // namespace freshet
