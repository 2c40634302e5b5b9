#include "core/cli/dev/child.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace freshet::cli {
namespace {

constexpr int kNotStarted = 127;
constexpr std::chrono::milliseconds kLookAgain{20};

// In the new process.
[[noreturn]] void become(const std::string& program, std::vector<char*>& arguments,
                         const Child::Variables& variables, bool takes_terminal) {
  ::setpgid(0, 0);
  std::signal(SIGTTOU, SIG_IGN);  // who is in the background may not take the terminal otherwise
  if (takes_terminal) ::tcsetpgrp(STDIN_FILENO, ::getpid());
  std::signal(SIGTTOU, SIG_DFL);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
  ::execv(program.c_str(), arguments.data());
  std::fprintf(stderr, "freshet: cannot start %s: %s\n", program.c_str(), std::strerror(errno));
  ::_exit(kNotStarted);
}

int code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Child::Child(const std::string& program, const std::vector<std::string>& arguments,
             const Variables& variables, Terminal terminal)
    : has_terminal_(terminal == Terminal::taken && ::isatty(STDIN_FILENO) == 1) {
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) become(program, pointers, variables, has_terminal_);
  if (pid_ < 0) {
    std::fprintf(stderr, "freshet: cannot start %s: %s\n", program.c_str(), std::strerror(errno));
    code_ = kNotStarted;
    return;
  }
  ::setpgid(pid_, pid_);  // whoever is first
}

std::optional<int> Child::ended() {
  int status = 0;
  if (code_ || ::waitpid(pid_, &status, WNOHANG) != pid_) return code_;
  code_ = code_of(status);
  // What it has started in its group ends with it.
  ::kill(-pid_, SIGTERM);
  if (has_terminal_) ::tcsetpgrp(STDIN_FILENO, ::getpgrp());
  return code_;
}

void Child::end(std::chrono::milliseconds patience) {
  if (ended()) return;
  ::kill(-pid_, SIGTERM);
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!ended() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kLookAgain);
  }
  if (ended()) return;
  ::kill(-pid_, SIGKILL);
  while (!ended()) std::this_thread::sleep_for(kLookAgain);
}

}  // namespace freshet::cli
