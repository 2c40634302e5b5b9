// Two ways to do the same, in turns, so that whatever else the machine does meets both.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace freshet::bench {

class Turns {
 public:
  // `with`, `without`: what they are called in the table.
  Turns(benchmark::State& state, std::string with, std::string without)
      : state_(state), with_(std::move(with)), without_(std::move(without)) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // Each is a callable that does `count` things. Of `prepare`, before each, no time is taken.
  template <class Prepare, class With, class Without>
  void run(size_t count, Prepare&& prepare, With&& with, Without&& without) {
    std::vector<double> ratios, with_ns, without_ns;
    bool first = false;
    for (auto _ : state_) {
      // Who goes first takes turns, too: the second finds the caches warm.
      double took[2] = {};
      for (const bool is_with : {first, !first}) {
        prepare();
        const auto start = std::chrono::steady_clock::now();
        is_with ? with() : without();
        const std::chrono::duration<double, std::nano> ns =
            std::chrono::steady_clock::now() - start;
        took[is_with ? 1 : 0] = ns.count() / static_cast<double>(count);
      }
      first = !first;
      without_ns.push_back(took[0]);
      with_ns.push_back(took[1]);
      ratios.push_back(took[1] / took[0]);
      state_.SetIterationTime(took[1] * static_cast<double>(count) / 1e9);
    }
    state_.counters[without_ + "_ns"] = median(without_ns);
    state_.counters[with_ + "_ns"] = median(with_ns);
    state_.counters["ratio"] = median(ratios);
  }

 private:
  static double median(std::vector<double> of) {
    if (of.empty()) return 0;
    std::ranges::nth_element(of, of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2));
    return of[of.size() / 2];
  }

  benchmark::State& state_;
  const std::string with_, without_;
};

}  // namespace freshet::bench
