// plugins/app-webhook/asking/http_clients.h: for threads that ask and wait for the answer: one
// client each, with its open connections, for as long as it asks.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app-webhook/options/options.h"
#include "app-webhook/sending/http_client.h"

namespace freshet::webhook {

class HttpClients {
 public:
  // Borrows the options.
  explicit HttpClients(const Options& options) : options_(options) {}

  // Posts and waits, at most as long as the options say. As many may at once as threads call it,
  // and so many clients are kept. [any]
  HttpAnswer ask(std::string body, const std::string& header);

 private:
  std::unique_ptr<HttpClient> take(std::string& why);
  void give_back(std::unique_ptr<HttpClient> client);

  const Options& options_;
  std::mutex mutex_;  // guards the next
  std::vector<std::unique_ptr<HttpClient>> idle_;
};

}  // namespace freshet::webhook
