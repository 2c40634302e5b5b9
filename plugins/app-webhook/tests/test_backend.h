// A small HTTP server on the loopback: somebody's backend, which may be slow, rude or gone.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace freshet::webhook {

struct BackendRequest {
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct BackendAnswer {
  int status = 200;
  std::string body = "{\"ok\":true}";
  bool held = false;     // until release()
  std::string raw = {};  // instead of an answer: these bytes
  std::string headers = {};
};

class TestBackend {
 public:
  using Request = BackendRequest;
  using Answer = BackendAnswer;
  using Answerer = std::function<Answer(const Request&)>;

  explicit TestBackend(Answerer answerer = [](const Request&) { return Answer{}; });
  ~TestBackend();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }
  void answer_with(Answerer answerer);
  // Nobody listens at its port until go_up().
  void go_down();
  void go_up();

  // Answers all that is held now.
  void release();

  // All it was sent, in order of coming.
  std::vector<Request> requests() const;
  size_t count() const { return requests().size(); }
  // False: not within 20 s.
  bool wait_for(size_t requests) const;
  // That have come and are not answered.
  size_t at_once() const { return at_once_; }
  size_t most_at_once() const { return most_at_once_; }

 private:
  void listen();
  void accept_all(int listener);
  void serve(int socket);

  int port_ = 0;
  std::atomic<int> listener_{-1};
  std::thread acceptor_;
  mutable std::mutex mutex_;
  mutable std::condition_variable more_;
  std::condition_variable released_;
  uint64_t releases_ = 0;
  bool ending_ = false;
  Answerer answerer_;
  std::vector<Request> requests_;
  std::vector<std::thread> connections_;
  std::atomic<size_t> at_once_{0}, most_at_once_{0};
};

}  // namespace freshet::webhook
