// plugins/app-webhook/http_client.h: many HTTP requests at a time on one thread, by libcurl.
//
// It follows no redirects, speaks http and https alone, verifies certificates, reads answers within
// a bound and ends every request in time.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "dialect.h"
#include "options.h"

namespace freshet::webhook {

class HttpClient {
 public:
  using Done = std::function<void(const HttpAnswer&)>;

  // Null: libcurl refuses. Borrows the options.
  static std::unique_ptr<HttpClient> make(const Options& options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Posts JSON to the url of the options. `done` is called once, by turn(); not at all if this is
  // destroyed before. `header`: one more, whole.
  void post(std::string body, const std::string& header, int64_t timeout_ms,
            size_t max_answer_bytes, Done done);

  // Waits for the network, for wake() or this long, and calls who is done.
  void turn(int64_t wait_ms);

  // Ends a turn(), or the next one. [any]
  void wake() const { curl_multi_wakeup(multi_); }

 private:
  struct Exchange;

  HttpClient(const Options& options, CURLM* multi);
  void set_up(Exchange& exchange, int64_t timeout_ms) const;
  bool work();  // without waiting. True: a request has ended
  void finish(CURL* easy, CURLcode code);
  static size_t on_body(char* data, size_t size, size_t count, void* exchange);

  const Options& options_;
  CURLM* multi_;
  std::unordered_map<CURL*, std::unique_ptr<Exchange>> exchanges_;
};

}  // namespace freshet::webhook
