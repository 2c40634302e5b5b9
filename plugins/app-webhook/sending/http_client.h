// plugins/app-webhook/sending/http_client.h: many HTTP requests at a time on one thread, by
// libcurl.
//
// It follows no redirects, speaks http and https alone, verifies certificates, reads answers within
// a bound and ends every request in time. Of long answers only so much is in memory at once: past
// it all but the oldest are read on when there is room, or end in time.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "app-webhook/dialect/dialect.h"
#include "app-webhook/options/options.h"

namespace freshet::webhook {

class HttpClient {
 public:
  using Done = std::function<void(HttpAnswer)>;

  // Null: libcurl does not start, and `why` says why. Borrows the options.
  static std::unique_ptr<HttpClient> make(const Options& options, std::string& why);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Posts JSON to the url of the options. `done` is called once, by turn(); not at all if this is
  // destroyed before. `header`: one more, whole.
  void post(std::string body, const std::string& header, int64_t timeout_ms,
            size_t max_answer_bytes, Done done);

  // What was taken out of an answer and is still in memory counts with the answers.
  void lend(size_t bytes) { held_bytes_ += bytes; }
  void give_back(size_t bytes);
  // No more should be taken into memory now.
  bool is_full() const { return held_bytes_ >= options_.initial_total_bytes; }

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
  size_t take(Exchange& exchange, const char* data, size_t bytes);
  bool is_oldest(const Exchange& exchange) const;
  void resume();
  static size_t on_body(char* data, size_t size, size_t count, void* exchange);

  const Options& options_;
  CURLM* multi_;
  std::unordered_map<CURL*, std::unique_ptr<Exchange>> exchanges_;
  size_t held_bytes_ = 0;  // of requests and answers, and lent
  uint64_t last_number_ = 0;
};

}  // namespace freshet::webhook
