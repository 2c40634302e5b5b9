// core/report/problems.h: what is wrong with a manifest, all of it at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace freshet {

struct Problem {
  uint32_t line;       // of the manifest, from 1
  std::string key;     // "server.listen"; empty: the file as a whole
  std::string reason;  // for a human: what is wrong, and the way out where there is one
};

// Collects; the caller decides when to stop. [main]
class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  void add(uint32_t line, std::string key, std::string reason) {
    all_.push_back({line, std::move(key), std::move(reason)});
  }

  bool empty() const { return all_.empty(); }
  const std::vector<Problem>& all() const { return all_; }

  // "file:line: key: reason", one per line, in the order of the file.
  std::string text() const;

 private:
  std::string file_;
  std::vector<Problem> all_;
};

}  // namespace freshet
