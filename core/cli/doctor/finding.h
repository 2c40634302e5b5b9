// core/cli/doctor/finding.h: what `freshet doctor` found.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace freshet::cli {

struct Finding {
  enum class Grade : uint8_t {
    good,
    doubtful,  // it works, and may not do what is wanted
    wrong,     // it will not work
  };
  Grade grade;
  std::string about;  // one word: "listen", "disk"
  std::string what;
  std::string fix;  // what to type or to change; empty for what is good
};

class Findings {
 public:
  void good(std::string about, std::string what) {
    all_.push_back({Finding::Grade::good, std::move(about), std::move(what), ""});
  }
  void doubtful(std::string about, std::string what, std::string fix) {
    all_.push_back({Finding::Grade::doubtful, std::move(about), std::move(what), std::move(fix)});
  }
  void wrong(std::string about, std::string what, std::string fix) {
    all_.push_back({Finding::Grade::wrong, std::move(about), std::move(what), std::move(fix)});
  }
  void add(Finding finding) { all_.push_back(std::move(finding)); }
  const std::vector<Finding>& all() const { return all_; }

 private:
  std::vector<Finding> all_;
};

}  // namespace freshet::cli
