#include "app-webhook/sending/http_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "app-webhook/dialect/memory.h"
#include "app-webhook/limits.h"
#include "freshet/format/reason.h"

namespace freshet::webhook {
namespace {

constexpr const char* kAgent = "freshet-webhook/0.1";

}  // namespace

struct HttpClient::Exchange {
  ~Exchange() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
  }

  HttpClient* client = nullptr;
  uint64_t number = 0;  // ascending, in order of being sent
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  std::string request;
  size_t max_answer_bytes = 0;
  bool paused = false;
  std::array<char, CURL_ERROR_SIZE> complaint{};
  HttpAnswer answer;
  Done done;
};

std::unique_ptr<HttpClient> HttpClient::make(const Options& options, std::string& why) {
  errno = 0;
  CURLM* multi = curl_multi_init();
  const int error = errno;
  why = "out of memory";
  if (multi == nullptr) return nullptr;
  std::unique_ptr<HttpClient> out(new HttpClient(options, multi));
  // It also starts without the descriptors that this takes, and then hears of nothing for a minute.
  if (curl_multi_wakeup(multi) == CURLM_OK) return out;
  why = error != 0 ? reason_of(error) : "it cannot be woken";
  return nullptr;
}

HttpClient::HttpClient(const Options& options, CURLM* multi) : options_(options), multi_(multi) {}

HttpClient::~HttpClient() {
  for (const auto& [easy, exchange] : exchanges_) curl_multi_remove_handle(multi_, easy);
  exchanges_.clear();
  curl_multi_cleanup(multi_);
}

void HttpClient::post(std::string body, const std::string& header, int64_t timeout_ms,
                      size_t max_answer_bytes, Done done) {
  auto exchange = std::make_unique<Exchange>();
  exchange->client = this;
  exchange->number = ++last_number_;
  exchange->easy = curl_easy_init();
  exchange->request = std::move(body);
  held_bytes_ += exchange->request.size();
  exchange->max_answer_bytes = max_answer_bytes;
  exchange->done = std::move(done);
  // An empty Expect keeps libcurl from asking first whether the body is welcome.
  for (const std::string& line :
       {header, std::string("Content-Type: application/json"), std::string("Expect:")}) {
    exchange->headers = curl_slist_append(exchange->headers, line.c_str());
  }
  set_up(*exchange, timeout_ms);
  CURL* easy = exchange->easy;
  curl_multi_add_handle(multi_, easy);
  exchanges_.emplace(easy, std::move(exchange));
}

void HttpClient::set_up(Exchange& exchange, int64_t timeout_ms) const {
  CURL* easy = exchange.easy;
  curl_easy_setopt(easy, CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  // Of HTTP/2 libcurl keeps what comes for an answer that is not read now, without our bound.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, options_.proxy.c_str());  // empty: not the environment's
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, kAgent);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange.headers);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(exchange.request.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, exchange.request.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange.complaint.data());
}

size_t HttpClient::on_body(char* data, size_t size, size_t count, void* arg) {
  auto& exchange = *static_cast<Exchange*>(arg);
  return exchange.client->take(exchange, data, size * count);
}

// What is answered tells libcurl to go on, to pause, or, being less than came, to end the transfer.
size_t HttpClient::take(Exchange& exchange, const char* data, size_t bytes) {
  std::string& body = exchange.answer.body;
  if (body.size() + bytes > exchange.max_answer_bytes) {
    exchange.answer.cut = true;
    return 0;
  }
  const bool is_long = exchange.max_answer_bytes > kMaxAnswerBytes;
  if (is_long && held_bytes_ + bytes > options_.initial_total_bytes && !is_oldest(exchange)) {
    exchange.paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  if (!with_memory([&] { body.append(data, bytes); })) {
    exchange.answer.cut = exchange.answer.no_memory = true;
    return 0;
  }
  held_bytes_ += bytes;
  return bytes;
}

// Of the long ones that have begun. It is always read on, so that they do not all wait for one
// another.
bool HttpClient::is_oldest(const Exchange& exchange) const {
  return std::ranges::none_of(exchanges_, [&](const auto& other) {
    return other.second->max_answer_bytes > kMaxAnswerBytes && !other.second->answer.body.empty() &&
           other.second->number < exchange.number;
  });
}

void HttpClient::give_back(size_t bytes) {
  held_bytes_ -= bytes;
  resume();
}

// Each pauses again where there still is no room.
void HttpClient::resume() {
  std::vector<Exchange*> paused;
  for (const auto& [easy, exchange] : exchanges_) {
    if (exchange->paused) paused.push_back(exchange.get());
  }
  std::ranges::sort(paused, {}, &Exchange::number);
  for (Exchange* exchange : paused) {
    exchange->paused = false;
    curl_easy_pause(exchange->easy, CURLPAUSE_CONT);
  }
}

void HttpClient::turn(int64_t wait_ms) {
  // What has ended already wakes no poll.
  if (work()) return;
  curl_multi_poll(multi_, nullptr, 0, static_cast<int>(wait_ms), nullptr);
  work();
}

bool HttpClient::work() {
  int running = 0, left = 0;
  curl_multi_perform(multi_, &running);
  bool ended = false;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    finish(message->easy_handle, message->data.result);
    ended = true;
  }
  return ended;
}

void HttpClient::finish(CURL* easy, CURLcode code) {
  curl_multi_remove_handle(multi_, easy);
  auto node = exchanges_.extract(easy);
  Exchange& exchange = *node.mapped();
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &exchange.answer.status);
  // That we stopped reading is no failure of the way there.
  if (code != CURLE_OK && !exchange.answer.cut) {
    const std::string said(exchange.complaint.data());
    exchange.answer.failure = said.empty() ? curl_easy_strerror(code) : said;
  }
  held_bytes_ -= exchange.request.size() + exchange.answer.body.size();
  release_memory(exchange.request);
  exchange.done(std::move(exchange.answer));
  resume();
}

}  // namespace freshet::webhook
