#include "core/guard/apart.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/guard/limits.h"

namespace freshet {
namespace {

using Clock = std::chrono::steady_clock;

// Ends what is said by a process that did its work: one that ends early has not said it.
constexpr char kDone = '\n';

// A folder, until it is destroyed.
class Folder {
 public:
  Folder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "freshet-apart-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(to, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

[[noreturn]] void be_child(const std::function<std::string()>& work, int out,
                           const std::filesystem::path& folder) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);  // crashes are what is looked for: they need no files
  ::setenv("TMPDIR", folder.c_str(), 1);
  const int printed = ::open((folder / "printed").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::dup2(printed, STDOUT_FILENO);
  ::dup2(printed, STDERR_FILENO);
  ::close(printed);
  const std::string said = work();
  write_all(out, said + kDone);
  // What a plugin has registered for the end of the process is part of nothing that is tried.
  ::_exit(0);
}

// False: nothing more can come.
bool read_some(int from, std::string& into) {
  char bytes[4096];
  const ssize_t count = ::read(from, bytes, sizeof(bytes));
  if (count > 0) into.append(bytes, static_cast<size_t>(count));
  return count > 0 || (count < 0 && errno == EINTR);
}

// Until it is done, has ended or is late.
void listen(int from, pid_t child, Clock::time_point deadline, Ended& out, int& status) {
  pollfd ready{from, POLLIN, 0};
  bool open = true;
  while (true) {
    if (open && ::poll(&ready, 1, 20) > 0) open = read_some(from, out.said);
    if (!open) ::poll(nullptr, 0, 1);
    if (::waitpid(child, &status, WNOHANG) == child) return;
    if (Clock::now() < deadline) continue;
    out.late = true;
    ::kill(-child, SIGKILL);
    ::waitpid(child, &status, 0);
    return;
  }
}

std::string end_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (text.size() > kPrintedBytes) text.erase(0, text.size() - kPrintedBytes);
  return text;
}

}  // namespace

Ended run_apart(const std::function<std::string()>& work, std::chrono::seconds limit) {
  const Folder folder;
  const auto began = Clock::now();
  Ended out;
  int ends[2];
  if (folder.path().empty() || ::pipe2(ends, O_CLOEXEC) != 0) {
    out.printed = "there is no folder for what is temporary, or no pipe to be had";
    return out;
  }
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    be_child(work, ends[1], folder.path());
  }
  ::close(ends[1]);
  int status = 0;
  out.began = child > 0;
  if (child > 0) {
    ::setpgid(child, child);
    listen(ends[0], child, began + limit, out, status);
    // What it said last, and what it has started.
    pollfd ready{ends[0], POLLIN, 0};
    while (::poll(&ready, 1, 0) > 0 && read_some(ends[0], out.said)) {
    }
    ::kill(-child, SIGKILL);
  }
  ::close(ends[0]);
  if (WIFSIGNALED(status) && !out.late) out.signal = WTERMSIG(status);
  if (WIFEXITED(status)) out.code = WEXITSTATUS(status);
  out.done = child > 0 && !out.late && out.signal == 0 && out.said.ends_with(kDone);
  out.printed = end_of(folder.path() / "printed");
  out.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
  return out;
}

}  // namespace freshet
