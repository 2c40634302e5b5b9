// What rooms begin with: asked of a backend that may be slow, wrong or far too talkative.
#include <future>

#include "webhook_fixture.h"

namespace freshet::webhook {
namespace {

class Initial : public Webhook {
 protected:
  // What the backend gives for the room.
  Status ask(const std::string& room) {
    testing::Answer answer;
    const Status status = app->initial_storage(room, Reply(answer.reply()));
    const std::lock_guard lock(mutex);
    state = answer.items().empty() ? "" : answer.items().front().text();
    return status;
  }

  // The same, while the plugin's time goes on.
  Status ask_in_time(const std::string& room, std::chrono::milliseconds step = 10ms) {
    std::future<Status> status = std::async(std::launch::async, [&] { return ask(room); });
    EXPECT_TRUE(in_time([&] { return status.wait_for(0s) == std::future_status::ready; }, step));
    return status.get();
  }

  std::mutex mutex;
  std::string state;  // of whoever asked last
};

TEST_F(Initial, IsWhatTheBackendAnswers) {
  backend.answer_with([](const Request& request) -> Answer {
    const Json json = Json::parse(request.body);
    if (json["event"] != "initial-storage") return {};
    return {.body = json["room"] == "new" ? R"({"storage":null})" : R"({"storage":"YWJjZA=="})"};
  });
  start();
  EXPECT_EQ(ask("r"), Status::ok);
  EXPECT_EQ(state, "abcd");
  EXPECT_EQ(ask("new"), Status::not_found);
}

TEST_F(Initial, FailsWhenTheBackendDoes) {
  backend.answer_with([](const Request&) -> Answer { return {.status = 500}; });
  start();
  EXPECT_EQ(ask("r"), Status::retry);
  backend.answer_with([](const Request&) -> Answer { return {.body = "garbage"}; });
  EXPECT_EQ(ask("r"), Status::malformed);
  backend.go_down();
  EXPECT_EQ(ask("r"), Status::retry);
  EXPECT_EQ(host.metric("freshet_webhook_initial_failed_total"), 3);
}

// By libcurl's own clock, as all that waits for the network.
TEST_F(Initial, FailsWhenTheBackendDoesNotAnswerInTime) {
  host.set("initial_timeout_ms", int64_t{50});
  backend.answer_with([](const Request&) -> Answer { return {.held = true}; });
  start();
  EXPECT_EQ(ask("r"), Status::retry);
  EXPECT_EQ(host.metric("freshet_webhook_initial_failed_total"), 1);
}

TEST_F(Initial, WaitsUntilTheBackendKnowsWhatWasToldOfTheRoom) {
  std::atomic<int> refusals{3};
  backend.answer_with([&](const Request& request) -> Answer {
    if (Json::parse(request.body)["event"] == "initial-storage") {
      return {.body = R"({"storage":null})"};
    }
    return {.status = refusals-- > 0 ? 503 : 200};
  });
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  EXPECT_EQ(ask_in_time("r"), Status::not_found);
  const auto requests = backend.requests();
  ASSERT_EQ(requests.size(), 5u);
  EXPECT_EQ(Json::parse(requests[4].body)["event"], "initial-storage");
}

TEST_F(Initial, FailsRatherThanBeAheadOfWhatWaits) {
  backend.answer_with([](const Request& request) -> Answer {
    return {.status = Json::parse(request.body)["event"] == "initial-storage" ? 404 : 503};
  });
  start();
  ASSERT_EQ(tell("r", 1), Status::ok);
  EXPECT_EQ(ask_in_time("r", 500ms), Status::retry);
  EXPECT_EQ(ask("another"), Status::not_found);
}

TEST_F(Initial, WaitsForTheServerToTellWhatIsLeftOfBefore) {
  make();
  EXPECT_EQ(ask_in_time("r", 500ms), Status::retry);  // what the outbox has is not known yet
  EXPECT_EQ(backend.count(), 0u);
  outbox.tell();
  backend.answer_with([](const Request&) -> Answer { return {.status = 404}; });
  EXPECT_EQ(ask("r"), Status::not_found);
}

TEST_F(Initial, ReadsNoMoreOfAnAnswerThanItsBoundAndNamesBackendRoomBytesAndSetting) {
  host.set("initial_bytes", int64_t{100'000});
  backend.answer_with([](const Request&) -> Answer {
    return {.body = "{\"storage\":\"" + std::string(3'000'000, 'A') + "\"}"};
  });
  start();
  EXPECT_EQ(ask("big"), Status::too_large);
  EXPECT_TRUE(host.logged("the backend " + backend.url() +
                          " answered with more than 100000 bytes for the first state of room "
                          "\"big\", which cannot be opened; `initial_bytes` is the bound"))
      << host.log();
  EXPECT_EQ(host.metric("freshet_webhook_initial_failed_total"), 1);
  backend.answer_with([](const Request&) -> Answer {
    return {.body = "{\"storage\":\"" + std::string(99'980, 'A') + "\"}"};
  });
  EXPECT_EQ(ask("fits"), Status::ok);
  EXPECT_EQ(state.size(), 99'980u / 4 * 3);
}

// Each of them fits, all together do not: they come one after the other, and none is refused.
TEST_F(Initial, HasOnlySoMuchOfAllAnswersInMemoryAndStillReadsThemAll) {
  constexpr int64_t kBytes = 8'000'000;
  host.set("initial_bytes", 2 * kBytes);
  host.set("initial_total_bytes", 2 * kBytes);
  host.set("initial_timeout_ms", int64_t{60'000});
  backend.answer_with([](const Request&) -> Answer {
    return {.body = "{\"storage\":\"" + std::string(kBytes, 'A') + "\"}"};
  });
  start();
  std::atomic<int> good{0};
  std::vector<std::thread> workers;
  for (int n = 0; n < 8; ++n) {
    workers.emplace_back([&, n] {
      if (ask("room " + std::to_string(n)) == Status::ok) ++good;
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(good, 8) << host.log();
}

TEST_F(Initial, UnderstandsEscapedSlashesAndTheLastOfTwoMembers) {
  backend.answer_with([](const Request&) -> Answer {
    return {.body = R"({"storage":"AAAA","st\u006frage":"\/\/\/\/", "x":[{}]})"};
  });
  start();
  EXPECT_EQ(ask("r"), Status::ok);
  EXPECT_EQ(state, "\xff\xff\xff");
}

}  // namespace
}  // namespace freshet::webhook
