// Stands between a store and its server, and cuts the connection at a message of a test's choice.
//
// Passes on one message of PostgreSQL's protocol at a time, so that what comes before the cut has
// arrived whole and nothing after it has.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace freshet::postgres {

class CuttingProxy {
 public:
  explicit CuttingProxy(std::string server_socket);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  std::string url() const { return "host=" + folder_.string() + " user=freshet dbname=postgres"; }

  // The connection that passes on the message after so many others is cut instead.
  void cut_after(int messages) { left_ = messages; }
  // Whether it was; if not, it will not be any more.
  bool was_cut() { return left_.exchange(kNever) < 0; }

 private:
  static constexpr int kNever = 1'000'000'000;

  void accept_all();
  void pass(int client, int server);
  // False: the end of the connection.
  bool pass_message(int from, int to, bool starting);

  const std::string server_socket_;
  std::filesystem::path folder_;
  int listener_ = -1;
  std::atomic<int> left_ = kNever;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace freshet::postgres
