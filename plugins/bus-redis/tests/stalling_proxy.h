// Stands between a node and its server, cuts connections, or lets nothing through as a network does
// that is gone.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace freshet::redis {

class StallingProxy {
 public:
  explicit StallingProxy(std::string server_socket);
  ~StallingProxy();
  StallingProxy(const StallingProxy&) = delete;
  StallingProxy& operator=(const StallingProxy&) = delete;

  std::string url() const { return "unix:" + socket().string(); }

  void stall(bool on) { stalled_ = on; }
  // The connection that passes on the byte after so many others is cut before it.
  void cut_after(int64_t bytes) { left_ = bytes; }

 private:
  static constexpr int64_t kNever = int64_t{1} << 60;

  std::filesystem::path socket() const { return folder_ / "socket"; }
  void accept_all();
  void pass(int client, int server);
  bool pass_some(int from, int to);

  const std::string server_socket_;
  std::filesystem::path folder_;
  int listener_ = -1;
  std::atomic<int64_t> left_ = kNever;
  std::atomic<bool> stalled_ = false;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace freshet::redis
