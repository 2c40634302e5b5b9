#include "app-webhook/asking/http_clients.h"

#include <utility>

#include "app-webhook/limits.h"

namespace freshet::webhook {

HttpAnswer HttpClients::ask(std::string body, const std::string& header) {
  HttpAnswer out;
  auto client = take(out.failure);
  if (client == nullptr) return out;
  bool answered = false;
  client->post(std::move(body), header, options_.timeout_ms, kMaxAnswerBytes,
               [&](HttpAnswer answer) {
                 out = std::move(answer);
                 answered = true;
               });
  while (!answered) client->turn(options_.timeout_ms);
  give_back(std::move(client));
  return out;
}

std::unique_ptr<HttpClient> HttpClients::take(std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto client = std::move(idle_.back());
      idle_.pop_back();
      return client;
    }
  }
  return HttpClient::make(options_, why);
}

void HttpClients::give_back(std::unique_ptr<HttpClient> client) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(client));
}

}  // namespace freshet::webhook
