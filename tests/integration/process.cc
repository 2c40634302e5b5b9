#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace freshet::testing {
namespace {

constexpr int kSilenceMs = 30'000;
constexpr unsigned kMaxRunSeconds = 120;

// Forks; the child becomes the program. Its stdout and stderr go to these descriptors.
pid_t start(const TempFolder& folder, const std::vector<std::string>& arguments,
            const Variables& variables, const SystemLimits& limits, int out, int err) {
  const char* program = std::getenv("FRESHET_BIN");
  std::vector<char*> argv{const_cast<char*>(program)};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
  const int in = open("/dev/null", O_RDONLY);
  const bool ready = program != nullptr && chdir(folder.path().c_str()) == 0 && dup2(in, 0) == 0 &&
                     dup2(out, 1) == 1 && dup2(err, 2) == 2;
  // A server that was not to start would run for ever; SIGALRM ends it, and the exit code shows.
  if (out != err) alarm(kMaxRunSeconds);
  for (const auto& [resource, soft, hard] : limits) {
    const rlimit limit{soft, hard};
    if (setrlimit(resource, &limit) != 0) _exit(126);
  }
  if (ready) execv(program, argv.data());
  std::perror("FRESHET_BIN");
  _exit(127);
}

int wait_for(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "freshet-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TempFolder::write(const std::string& name, std::string_view text) const {
  std::ofstream(path_ / name, std::ios::binary) << text;
}

std::string TempFolder::read(const std::string& name) const {
  std::ifstream in(path_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Outcome run(const TempFolder& folder, const std::vector<std::string>& arguments,
            const Variables& variables, const SystemLimits& limits) {
  const TempFolder output;
  const auto to = [&](const char* name) {
    return open((output.path() / name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  };
  const int out = to("out"), err = to("err");
  const int exit = wait_for(start(folder, arguments, variables, limits, out, err));
  close(out);
  close(err);
  return {exit, output.read("out"), output.read("err")};
}

Served::Served(const TempFolder& folder, const std::vector<std::string>& arguments,
               const Variables& variables, const SystemLimits& limits) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  pipe_ = ends[0];
  pid_ = start(folder, arguments, variables, limits, ends[1], ends[1]);
  close(ends[1]);
}

Served::~Served() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    wait_for(pid_);
  }
  close(pipe_);
}

bool Served::says(std::string_view words) {
  while (true) {
    if (const size_t at = log_.find(words, read_); at != std::string::npos) {
      const size_t end = log_.find('\n', at);
      if (end != std::string::npos) {
        read_ = end + 1;
        return true;
      }
    }
    pollfd waiting{pipe_, POLLIN, 0};
    if (poll(&waiting, 1, kSilenceMs) <= 0) return false;
    char bytes[4096];
    const ssize_t size = ::read(pipe_, bytes, sizeof(bytes));
    if (size <= 0) return false;
    log_.append(bytes, static_cast<size_t>(size));
  }
}

size_t Served::resident_bytes() const {
  size_t all = 0, resident = 0;
  std::ifstream("/proc/" + std::to_string(pid_) + "/statm") >> all >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

int Served::stop() {
  kill(pid_, SIGTERM);
  const pid_t pid = pid_;
  pid_ = -1;
  says("\x01");  // nothing says that: reads to the end, so that the pipe is never full
  return wait_for(pid);
}

}  // namespace freshet::testing
