#include "test_backend.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>

namespace freshet::webhook {
namespace {

using namespace std::chrono_literals;

// A whole request, or none if the peer hangs up before.
bool read_request(int socket, TestBackend::Request& out) {
  std::string text;
  size_t head = std::string::npos, length = 0;
  char buffer[4096];
  while (head == std::string::npos || text.size() < head + 4 + length) {
    const ssize_t got = ::recv(socket, buffer, sizeof(buffer), 0);
    if (got <= 0) return false;
    text.append(buffer, static_cast<size_t>(got));
    if (head != std::string::npos) continue;
    head = text.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    for (size_t at = text.find("\r\n"); at < head;) {
      const size_t end = text.find("\r\n", at + 2), colon = text.find(':', at);
      std::string name = text.substr(at + 2, colon - at - 2);
      std::transform(name.begin(), name.end(), name.begin(),
                     [](char c) { return static_cast<char>(std::tolower(c)); });
      out.headers[name] = text.substr(colon + 2, end - colon - 2);
      at = end;
    }
    length = static_cast<size_t>(std::atol(out.headers["content-length"].c_str()));
  }
  out.body = text.substr(head + 4, length);
  return true;
}

}  // namespace

TestBackend::TestBackend(Answerer answerer) : answerer_(std::move(answerer)) { listen(); }

TestBackend::~TestBackend() {
  if (listener_ >= 0) go_down();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    released_.notify_all();
  }
  for (std::thread& connection : connections_) connection.join();
}

void TestBackend::listen() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) std::abort();
  socklen_t size = sizeof(address);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  ::listen(listener, 128);
  listener_ = listener;
  acceptor_ = std::thread([this, listener] { accept_all(listener); });
}

void TestBackend::accept_all(int listener) {
  for (;;) {
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    connections_.emplace_back([this, socket] { serve(socket); });
  }
}

void TestBackend::serve(int socket) {
  Request request;
  if (read_request(socket, request)) {
    Answer answer;
    {
      // Who is counted is let go by the next release().
      std::unique_lock lock(mutex_);
      most_at_once_ = std::max(most_at_once_.load(), ++at_once_);
      requests_.push_back(request);
      answer = answerer_(request);
      more_.notify_all();
      const uint64_t releases = releases_;
      released_.wait(lock, [&] { return !answer.held || ending_ || releases_ > releases; });
    }
    --at_once_;
    const std::string text = !answer.raw.empty()
                                 ? answer.raw
                                 : "HTTP/1.1 " + std::to_string(answer.status) +
                                       " X\r\nConnection: close\r\n" + answer.headers +
                                       "Content-Length: " + std::to_string(answer.body.size()) +
                                       "\r\n\r\n" + answer.body;
    for (size_t sent = 0; sent < text.size();) {
      const ssize_t n = ::send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) break;
      sent += static_cast<size_t>(n);
    }
  }
  ::close(socket);
}

void TestBackend::answer_with(Answerer answerer) {
  const std::lock_guard lock(mutex_);
  answerer_ = std::move(answerer);
}

void TestBackend::release() {
  const std::lock_guard lock(mutex_);
  ++releases_;
  released_.notify_all();
}

void TestBackend::go_down() {
  const int listener = listener_.exchange(-1);
  ::shutdown(listener, SHUT_RDWR);
  acceptor_.join();
  ::close(listener);
}

void TestBackend::go_up() { listen(); }

std::vector<TestBackend::Request> TestBackend::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

bool TestBackend::wait_for(size_t requests) const {
  std::unique_lock lock(mutex_);
  return more_.wait_for(lock, 20s, [&] { return requests_.size() >= requests; });
}

}  // namespace freshet::webhook
