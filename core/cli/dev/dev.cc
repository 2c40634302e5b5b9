#include "core/cli/dev/dev.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "core/cli/dev/child.h"
#include "core/cli/dev/ephemeral_manifest.h"
#include "core/cli/exit_code.h"
#include "core/guard/apart.h"
#include "core/guard/limits.h"

namespace freshet::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{100};   // at files and processes
constexpr std::chrono::milliseconds kWhole{300};  // a file that has not changed for so long is
constexpr const char* kWritten = "written";
constexpr std::chrono::seconds kReadyWithin{30};
constexpr int kInterrupted = 130;  // as a shell says it of Ctrl-C

// A folder that is gone with this.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "freshet-dev-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }  // empty: there is none

 private:
  std::string path_;
};

sockaddr_in at_loopback(uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

// 0: there is none.
uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = at_loopback(0);
  socklen_t size = sizeof(address);
  const bool found = probe >= 0 &&
                     ::bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (probe >= 0) ::close(probe);
  return found ? ntohs(address.sin_port) : 0;
}

// Whether the server there says that it is.
bool is_ready(uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = at_loopback(port);
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  constexpr std::string_view kAsk = "GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n";
  char answer[13] = {};
  const bool heard =
      socket >= 0 &&
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      ::send(socket, kAsk.data(), kAsk.size(), MSG_NOSIGNAL) == ssize_t(kAsk.size()) &&
      ::recv(socket, answer, sizeof(answer) - 1, MSG_WAITALL) == ssize_t(sizeof(answer) - 1);
  if (socket >= 0) ::close(socket);
  return heard && std::string_view(answer).substr(9) == "200";
}

// A file that somebody may build anew at any time.
class Watched {
 public:
  explicit Watched(std::string path) : path_(std::move(path)), taken_(look()), last_(taken_) {}

  const std::string& path() const { return path_; }
  // It is another one than was taken, and nobody is writing to it any more.
  bool changed() {
    const Look now = look();
    if (now != last_) since_ = Clock::now();
    last_ = now;
    return now.size > 0 && now != taken_ && Clock::now() - since_ >= kWhole;
  }
  void take() { taken_ = last_ = look(); }

 private:
  struct Look {
    ino_t inode = 0;
    off_t size = 0;
    time_t seconds = 0;
    long nanoseconds = 0;
    friend bool operator==(const Look&, const Look&) = default;
  };
  Look look() const {
    struct stat about{};
    if (::stat(path_.c_str(), &about) != 0) return {};
    return {about.st_ino, about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
  }

  std::string path_;
  Look taken_, last_;
  Clock::time_point since_{};
};

class Dev {
 public:
  Dev(const DevRun& run, std::string folder, uint16_t port)
      : run_(run), folder_(std::move(folder)), manifest_(folder_ + "/freshet.toml"), port_(port) {
    for (const std::string& path : run.plugins) plugins_.emplace_back(path);
  }
  Dev(const Dev&) = delete;
  Dev& operator=(const Dev&) = delete;

  int go() {
    if (!serve()) return stopped_ ? kInterrupted : static_cast<int>(kFailed);
    std::cerr << "freshet dev: " << url("http") << " is ready\n";
    if (!run_.command.empty()) {
      command_ = std::make_unique<Child>("/bin/sh", std::vector<std::string>{"-c", run_.command},
                                         variables(), Child::Terminal::taken);
    }
    while (!stopped()) {
      if (command_ != nullptr) {
        if (const auto code = command_->ended()) return *code;
      }
      if (!look_after_server()) return kFailed;
    }
    return kInterrupted;
  }

 private:
  std::string url(const std::string& scheme) const {
    return scheme + "://127.0.0.1:" + std::to_string(port_);
  }
  Child::Variables variables() const {
    return {{"FRESHET_URL", url("http")},
            {"FRESHET_WS_URL", url("ws")},
            {"FRESHET_PORT", std::to_string(port_)},
            {"FRESHET_MANIFEST", manifest_}};
  }

  // Waits a little. Whether it is to end: Ctrl-C, or SIGTERM.
  bool stopped() {
    sigset_t ends;
    sigemptyset(&ends);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, signal);
    const timespec wait{0, std::chrono::nanoseconds(kLook).count()};
    stopped_ = stopped_ || ::sigtimedwait(&ends, nullptr, &wait) > 0;
    return stopped_;
  }

  bool look_after_server() {
    bool changed = false;
    for (Watched& each : plugins_) changed = each.changed() || changed;
    if (changed) {
      std::cerr << "freshet dev: a plugin has changed; another server takes over\n";
      // One that does not start is not the end: its author builds it again.
      if (serve()) std::cerr << "freshet dev: it is ready\n";
      return true;
    }
    if (server_ == nullptr || !server_->ended()) return true;
    std::cerr << "freshet dev: the server has ended with " << *server_->ended() << "\n";
    server_.reset();
    return false;
  }

  // The next server, when the one before has ended and saved all. False: it does not start; one of
  // which that is seen without starting it leaves the one before where it is.
  bool serve() {
    if (!compose()) return false;
    server_.reset();
    server_ =
        std::make_unique<Child>("/proc/self/exe", std::vector<std::string>{"serve", manifest_},
                                Child::Variables{}, Child::Terminal::left_alone);
    const auto until = Clock::now() + kReadyWithin;
    while (Clock::now() < until && !stopped()) {
      if (const auto code = server_->ended()) {
        std::cerr << "freshet dev: the server does not start (exit code " << *code << ")\n";
        server_.reset();
        return false;
      }
      if (is_ready(port_)) return true;
    }
    if (!stopped_) std::cerr << "freshet dev: the server is not ready\n";
    return false;
  }

  // Of copies: whoever builds a file anew writes into the one that a server has mapped.
  bool compose() {
    Ephemeral wanted{run_.manifest, {}, folder_, port_};
    const fs::path to = fs::path(folder_) / ("plugins-" + std::to_string(++round_));
    std::error_code failed;
    fs::create_directory(to, failed);
    for (Watched& each : plugins_) {
      each.take();
      const fs::path copy = to / fs::path(each.path()).filename();
      fs::copy_file(each.path(), copy, failed);
      if (failed) {
        std::cerr << "cannot read " << each.path() << ": " << failed.message() << "\n";
        return false;
      }
      wanted.plugins.push_back(copy.string());
    }
    return write_apart(wanted, manifest_);
  }

  // In a process of its own, as plugins are loaded for it.
  static bool write_apart(const Ephemeral& wanted, const std::string& manifest) {
    const auto write = [&] {
      const auto text = ephemeral_manifest(wanted);
      std::ofstream out(manifest + ".new", std::ios::binary | std::ios::trunc);
      if (text) out << *text;
      out.close();
      const bool written = text && out;
      return std::string(
          written && ::rename((manifest + ".new").c_str(), manifest.c_str()) == 0 ? kWritten : "");
    };
    const Ended ended = run_apart(write, kTrialLoad);
    std::cerr << ended.printed;
    if (ended.late) {
      std::cerr << "freshet dev: a plugin hangs when it is loaded: it had " << kTrialLoad.count()
                << " s\n";
    } else if (ended.signal != 0) {
      std::cerr << "freshet dev: a plugin crashed when it was loaded (" << ::strsignal(ended.signal)
                << ")\n";
    }
    return ended.done && ended.said.starts_with(kWritten);
  }

  const DevRun& run_;
  const std::string folder_, manifest_;
  const uint16_t port_;
  std::vector<Watched> plugins_;
  size_t round_ = 0;
  bool stopped_ = false;
  std::unique_ptr<Child> server_;
  std::unique_ptr<Child> command_;  // ends before the server
};

}  // namespace

int run_dev(const DevRun& run) {
  // They are waited for, and reach nobody by surprise.
  sigset_t ends;
  sigemptyset(&ends);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, signal);
  ::sigprocmask(SIG_BLOCK, &ends, nullptr);
  std::signal(SIGTTOU, SIG_IGN);  // it takes the terminal back from the command

  const Folder folder;
  const uint16_t port = free_port();
  if (folder.path().empty() || port == 0) {
    std::cerr << "freshet dev: there is no folder for what is stored, or no port\n";
    return kFailed;
  }
  return Dev(run, folder.path(), port).go();
}

}  // namespace freshet::cli
