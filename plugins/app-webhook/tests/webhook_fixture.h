// The whole plugin, with a backend, an outbox and a server that a test has in its hands.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "app-webhook/webhook_app.h"
#include "fake_clock.h"
#include "fake_outbox.h"
#include "freshet/testing.h"
#include "freshet/testing/fake_server.h"
#include "test_backend.h"

namespace freshet::webhook {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Answer = TestBackend::Answer;
using Request = TestBackend::Request;

// Waits for what must happen, while the plugin's time stands still. False: not within 20 s.
template <class F>
bool eventually(F f) {
  const auto patience = std::chrono::steady_clock::now() + 20s;
  while (!f()) {
    if (std::chrono::steady_clock::now() > patience) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

class Webhook : public ::testing::Test {
 protected:
  Webhook() : host(kSettings) {
    host.offer(FRESHET_OUTBOX_ID, outbox.table());
    host.offer(FRESHET_SERVER_ID, server.table());
    host.set("url", backend.url());
    host.set("secret", "whsec");
    host.set("retry_ms", int64_t{20});
    host.set("retry_max_ms", int64_t{100});
    host.set("timeout_ms", int64_t{2000});
    host.set("states", std::vector<std::string>{});
  }

  void start() {
    make();
    outbox.tell();
  }
  // The server has not told yet that it runs.
  void make() {
    auto options = settings_of<WebhookApp>(host.host());
    ASSERT_TRUE(options) << host.log();
    auto made = WebhookApp::create(host.host(), *std::move(options), clock.hand());
    ASSERT_TRUE(made) << host.log();
    app = *std::move(made);
  }

  // The same as eventually(), while the plugin's time goes on.
  template <class F>
  bool in_time(F f, std::chrono::milliseconds step = 10ms) {
    return eventually([&] {
      if (f()) return true;
      clock.advance(step);
      return false;
    });
  }

  // The n-th event of a room.
  Status tell(const std::string& room, int n) {
    freshet_notice notice{};
    notice.size = sizeof(notice);
    notice.kind = FRESHET_ROOM_MESSAGE;
    notice.message = FRESHET_MESSAGE_EVENT;
    notice.room = to_c(room);
    notice.unix_ms = clock.unix_ms();
    const std::string data = std::to_string(n);
    notice.data = to_c(as_bytes(data));
    return app->notice(notice);
  }

  static std::string room_of(const Request& request) { return Json::parse(request.body)["room"]; }
  static int number_of(const Request& request) {
    return Json::parse(request.body)["data"]["value"];
  }

  // The numbers that came, by room, in order of coming.
  std::map<std::string, std::vector<int>> came() const {
    std::map<std::string, std::vector<int>> out;
    for (const Request& request : backend.requests()) {
      out[room_of(request)].push_back(number_of(request));
    }
    return out;
  }
  // The same, with an event that was sent again only counted once.
  std::map<std::string, std::vector<int>> heard() const {
    auto out = came();
    for (auto& [room, numbers] : out) {
      numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    }
    return out;
  }
  static std::vector<int> first(int count) {
    std::vector<int> out;
    for (int n = 1; n <= count; ++n) out.push_back(n);
    return out;
  }
  bool all_gone() {
    return in_time([&] { return outbox.entries(false).empty(); });
  }

  FakeClock clock;
  TestBackend backend;
  FakeOutbox outbox;
  testing::FakeServer server;
  testing::FakeHost host;
  std::unique_ptr<WebhookApp> app;
};

}  // namespace freshet::webhook
