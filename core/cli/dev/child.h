// core/cli/dev/child.h: another process, with all that it starts, which does not outlive this one.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace freshet::cli {

class Child {
 public:
  enum class Terminal { left_alone, taken };  // who reads it and gets its Ctrl-C
  using Variables = std::vector<std::pair<std::string, std::string>>;

  // In a group of its own, with these besides what the environment has. `program`: a path.
  // After a failure it has ended, with 127.
  Child(const std::string& program, const std::vector<std::string>& arguments,
        const Variables& variables, Terminal terminal);
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Once it has ended: its exit code, or 128 and its signal.
  std::optional<int> ended();
  // SIGTERM to all of its group, and SIGKILL to what is left after so long. It has ended then.
  void end(std::chrono::milliseconds patience = kPatience);

 private:
  static constexpr std::chrono::milliseconds kPatience{10'000};

  pid_t pid_ = -1;
  bool has_terminal_ = false;
  std::optional<int> code_;
};

}  // namespace freshet::cli
