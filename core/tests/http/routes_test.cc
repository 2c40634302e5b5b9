// Routes of plugins: how they are answered, and how often an address may ask.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "core/http/front.h"
#include "freshet/sink.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

// Does with each request what a test says, and ends with that status; without one it never ends.
class LooseHttp {
 public:
  using Do = std::function<std::optional<freshet_status>(const freshet_request&, Reply)>;
  explicit LooseHttp(Do what, uint32_t listeners = 0) : do_(std::move(what)) {
    c_.listeners = listeners;
  }
  const freshet_http* table() const { return &c_; }

 private:
  Do do_;
  freshet_http c_{.size = sizeof(freshet_http),
                  .self = this,
                  .routes = [](void*, const freshet_sink* out) -> freshet_status {
                    return static_cast<freshet_status>(Sink(out).write(std::string_view("/api")));
                  },
                  .answer =
                      [](void* self, const freshet_request* request, freshet_reply reply) {
                        const auto ended =
                            static_cast<LooseHttp*>(self)->do_(*request, Reply(reply));
                        if (ended) reply.to->done(reply.to->ctx, reply.token, *ended);
                      },
                  .listeners = 0};
};

TEST(Routes, AreReachedByTheListenersTheySay) {
  const auto says_ok = [](const freshet_request&, Reply) { return FRESHET_OK; };
  struct Case {
    uint32_t listeners;
    uint16_t on_public, on_admin, on_metrics;
  };
  for (const Case& each :
       {Case{0, 200, 404, 404}, Case{FRESHET_HTTP_ON_PUBLIC, 200, 404, 404},
        Case{FRESHET_HTTP_ON_ADMIN, 404, 200, 404}, Case{FRESHET_HTTP_ON_ADMIN_OPEN, 404, 200, 404},
        Case{FRESHET_HTTP_ON_PUBLIC | FRESHET_HTTP_ON_ADMIN, 200, 200, 404}}) {
    LooseHttp http(says_ok, each.listeners);
    World world({.https = {http.table()}});
    const auto status = [&](freshet_listener_role role) {
      return world.get({.role = role, .target = "/api/x"}).status;
    };
    EXPECT_EQ(status(FRESHET_PUBLIC), each.on_public) << each.listeners;
    EXPECT_EQ(status(FRESHET_ADMIN), each.on_admin) << each.listeners;
    EXPECT_EQ(status(FRESHET_METRICS), each.on_metrics) << each.listeners;
  }
}

TEST(Routes, AnswerWithStatusHeadersAndBody) {
  LooseHttp http([](const freshet_request& request, Reply out) {
    const std::string target(view(request.target));
    for (const Status written :
         {out.write(FRESHET_HTTP_STATUS, uint64_t{201}),
          out.write(FRESHET_HTTP_HEADER, "X-Made-By:  a test"),
          out.write(FRESHET_HTTP_BODY, "you sent "), out.write(FRESHET_HTTP_BODY, target)}) {
      EXPECT_EQ(written, Status::ok);
    }
    return FRESHET_OK;
  });
  World world({.https = {http.table()}});
  const HttpAnswer answer = world.get({.target = "/api/x?y"});
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "you sent /api/x?y");
  ASSERT_EQ(answer.headers.size(), 1u);
  EXPECT_EQ(answer.headers[0], (std::pair<std::string, std::string>("X-Made-By", "a test")));
  EXPECT_EQ(world.get({.target = "/apix"}).status, 404);
}

TEST(Routes, AFailureIsAStatusThatFits) {
  freshet_status next = FRESHET_OK;
  LooseHttp http([&](const freshet_request&, Reply) { return next; });
  World world({.https = {http.table()}});
  const std::pair<freshet_status, uint16_t> cases[] = {
      {FRESHET_NOT_FOUND, 404}, {FRESHET_DENIED, 403},   {FRESHET_MALFORMED, 400},
      {FRESHET_RETRY, 503},     {FRESHET_INTERNAL, 500}, {-3, 500}};
  for (const auto& [status, http_status] : cases) {
    next = status;
    EXPECT_EQ(world.get({.target = "/api"}).status, http_status);
  }
}

// Ten seconds' worth at once; asks until it is told to wait, and says how often it was let.
size_t let_in(World& world, const std::string& peer) {
  for (size_t n = 0; n < 1'000; ++n) {
    const HttpAnswer answer = world.get({.target = "/api/tokens", .peer = peer});
    if (answer.status == 200) continue;
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.body, "too many requests from this address\n");
    EXPECT_NE(
        std::ranges::find(answer.headers, std::pair<std::string, std::string>("Retry-After", "1")),
        answer.headers.end());
    return n;
  }
  return SIZE_MAX;
}

TEST(Routes, AnAddressThatAsksTooOftenIsToldToWait) {
  size_t asked = 0;
  LooseHttp http([&](const freshet_request&, Reply) {
    ++asked;
    return FRESHET_OK;
  });
  Limits limits;
  limits.http_requests_per_second = 2;
  World world({.shards = 1, .limits = limits, .https = {http.table()}});
  EXPECT_EQ(let_in(world, "203.0.113.9"), 20u);
  EXPECT_EQ(asked, 20u) << "what is over the limit reaches no plugin";
  EXPECT_EQ(world.metric("freshet_routes_limited_total"), 1);
  EXPECT_TRUE(
      world.logged("address \"203.0.113.9\": asks plugins' routes for more than "
                   "http_requests_per_second, 2"));

  EXPECT_EQ(let_in(world, "203.0.113.10"), 20u) << "others have their own";
  EXPECT_EQ(world.get({.target = "/healthz", .peer = "203.0.113.9"}).status, 200);
  EXPECT_EQ(world.get({.role = FRESHET_ADMIN, .target = "/metrics", .peer = "203.0.113.9"}).status,
            200);
  world.run_ms(1'000);
  EXPECT_EQ(let_in(world, "203.0.113.9"), 2u);
  world.run_ms(60'000);
  EXPECT_EQ(let_in(world, "203.0.113.9"), 20u) << "never more than ten seconds' worth";
  EXPECT_TRUE(world.logged("; 2 more since the last such line"));
}

TEST(Routes, WhoHasAnIpv6NetworkIsOneAddress) {
  LooseHttp http([](const freshet_request&, Reply) { return FRESHET_OK; });
  Limits limits;
  limits.http_requests_per_second = 1;
  World world({.limits = limits, .https = {http.table()}});
  EXPECT_EQ(let_in(world, "2001:db8:1:2::1"), 10u);
  EXPECT_EQ(let_in(world, "2001:db8:1:2:ffff::2"), 0u);
  EXPECT_EQ(let_in(world, "2001:db8:1:3::1"), 10u);
  EXPECT_EQ(let_in(world, "::ffff:192.0.2.1"), 10u);
  EXPECT_EQ(let_in(world, "::ffff:192.0.2.2"), 10u) << "an IPv4 address each";
  EXPECT_EQ(let_in(world, "unix"), 10u);
}

TEST(Routes, OneThatNeverAnswersIsATimeout) {
  LooseHttp http([](const freshet_request&, Reply) { return std::nullopt; });
  Limits limits;
  limits.http_deadline_ms = 2'000;
  World world({.limits = limits, .https = {http.table()}});
  EXPECT_EQ(world.get({.target = "/api"}).status, 503);
}

}  // namespace
}  // namespace freshet::sim
