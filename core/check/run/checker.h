// core/check/run/checker.h: all tests of one plugin, one after the other.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/check/plugin/trial.h"
#include "core/check/run/one_test.h"
#include "core/check/run/plan.h"
#include "core/check/run/verdict.h"

namespace freshet::check {

class Checker {
 public:
  using Hear = std::function<void(const Verdict&)>;

  // `filter` as in fits(). Each verdict is told when it is known.
  Checker(Trial& trial, std::string filter, std::chrono::seconds limit, Hear hear)
      : trial_(trial), filter_(std::move(filter)), limit_(limit), hear_(std::move(hear)) {}

  // What the plugin says of itself, from a process of its own; with "reason" if that is nothing.
  nlohmann::ordered_json look();

  // `make_tests` has GoogleTest make its tests, once it is known what for.
  const std::vector<Verdict>& run(const std::function<void()>& make_tests);

 private:
  bool load();
  bool create();
  void try_one(const Planned& test);
  void tell(Verdict verdict);
  void skip_rest(const std::string& why);
  void tell_of_rules();
  bool wants(const std::string& name) const { return fits(filter_, name); }

  Trial& trial_;
  const std::string filter_;
  const std::chrono::seconds limit_;
  const Hear hear_;
  nlohmann::ordered_json about_;
  std::vector<std::string> offers_;
  StoreParts parts_;
  std::vector<Planned> plan_;
  std::vector<std::string> tried_;
  std::vector<std::pair<Breach, std::string>> breaches_;  // and in which test
  std::vector<Verdict> verdicts_;
};

}  // namespace freshet::check
