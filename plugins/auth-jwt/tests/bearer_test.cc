#include "auth-jwt/bearer.h"

#include <gtest/gtest.h>

#include "world.h"

namespace freshet::jwt {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// A handshake, as a client sends it.
struct Handshake {
  Handshake(std::string target_text, Headers header_texts)
      : target(std::move(target_text)), texts(std::move(header_texts)) {
    for (const auto& [name, value] : texts) {
      headers.push_back({to_c(std::string_view(name)), to_c(std::string_view(value))});
    }
    http.size = sizeof(http);
    http.upgrade = 1;
    http.method = to_c("GET");
    http.target = to_c(std::string_view(target));
    http.peer = to_c("192.0.2.1");
    http.headers = headers.data();
    http.header_count = headers.size();
    request.size = sizeof(request);
    request.request = &http;
    request.room = to_c("a");
    request.unix_ms = kNow;
  }
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;

  std::string target;
  Headers texts;
  std::vector<freshet_header> headers;
  freshet_request http{};
  freshet_auth_request request{};
};

// The token that is found, "-" for none.
std::string found(const std::string& target, const Headers& headers = {}) {
  const Handshake handshake(target, headers);
  const auto bearer = find_bearer(handshake.request);
  return bearer ? bearer->token : "-";
}

TEST(Bearer, IsFoundInTheQuery) {
  EXPECT_EQ(found("/yjs/a?token=x.y.z"), "x.y.z");
  EXPECT_EQ(found("/yjs/a?epoch=1&token=x&b=2"), "x");
  EXPECT_EQ(found("/yjs/a?token=x&token=y"), "x");
  EXPECT_EQ(found("/yjs/a?token="), "");
  EXPECT_EQ(found("/yjs/a?token"), "");
  EXPECT_EQ(found("/yjs/a?token=x#token=y"), "x");
  EXPECT_EQ(found("/yjs/a?token=a=b"), "a=b");
  for (const char* target : {"/yjs/a", "/yjs/a?", "/yjs/a?tokens=x", "/yjs/a?Token=x",
                             "/yjs/token=x", "", "/yjs/a?&&", "/yjs/a#?token=x"}) {
    EXPECT_EQ(found(target), "-") << target;
  }
}

TEST(Bearer, IsPercentDecodedInTheQuery) {
  EXPECT_EQ(found("/a?token=x%2Ey%2ez"), "x.y.z");
  EXPECT_EQ(found("/a?token=%"), "%");
  EXPECT_EQ(found("/a?token=%2"), "%2");
  EXPECT_EQ(found("/a?token=%zz%4x%41"), "%zz%4xA");
  EXPECT_EQ(found("/a?token=a%00b"), std::string("a\0b", 3));
}

TEST(Bearer, IsFoundInTheAuthorizationHeader) {
  EXPECT_EQ(found("/a", {{"Authorization", "Bearer x.y.z"}}), "x.y.z");
  EXPECT_EQ(found("/a", {{"authorization", "bearer   x "}}), "x");
  EXPECT_EQ(found("/a", {{"AUTHORIZATION", "BEARER x"}}), "x");
  EXPECT_EQ(found("/a", {{"Authorization", "Basic eDp5"}, {"Authorization", "Bearer x"}}), "x");
  for (const char* value : {"Basic eDp5", "Bearerx", "", " "}) {
    EXPECT_EQ(found("/a", {{"Authorization", value}}), "-") << value;
  }
}

TEST(Bearer, IsFoundAmongTheSubprotocols) {
  EXPECT_EQ(found("/a", {{"Sec-WebSocket-Protocol", "freshet.token.x.y.z"}}), "x.y.z");
  EXPECT_EQ(found("/a", {{"sec-websocket-protocol", "yjs ,\tfreshet.token.x , z"}}), "x");
  EXPECT_EQ(found("/a", {{"Sec-WebSocket-Protocol", "yjs"},
                         {"Sec-WebSocket-Protocol", "freshet.token.x"}}),
            "x");
  for (const char* value : {"yjs", "", ",", "token.x", "freshet.toke", "xfreshet.token.x"}) {
    EXPECT_EQ(found("/a", {{"Sec-WebSocket-Protocol", value}}), "-") << value;
  }
}

TEST(Bearer, IsTheMostDeliberateOneOfSeveral) {
  const Headers both = {{"Authorization", "Bearer b"},
                        {"Sec-WebSocket-Protocol", "freshet.token.c"}};
  EXPECT_EQ(found("/a?token=a", both), "c");
  EXPECT_EQ(found("/a?token=a", {both[0]}), "b");
  Handshake handshake("/a?token=a", both);
  handshake.request.token = to_c("in-band");
  EXPECT_EQ(find_bearer(handshake.request)->token, "in-band");
}

TEST(Bearer, IsNowhereWithoutARequest) {
  freshet_auth_request request{};
  EXPECT_FALSE(find_bearer(request));
}

TEST(Handshakes, WithAGoodTokenAreIdentifiedWhereverItIs) {
  const std::string token = node_token("HS256");
  SecretWorld world;
  const Handshake query("/yjs/a?token=" + token, {});
  EXPECT_EQ(world.identify(query.request).status, Status::ok);
  const Handshake header("/yjs/a", {{"Authorization", "Bearer " + token}});
  EXPECT_EQ(world.identify(header.request).status, Status::ok);
  EXPECT_EQ(world.identify(header.request).subprotocol, "");
  const Handshake offered("/yjs/a", {{"Sec-WebSocket-Protocol", "yjs, freshet.token." + token}});
  const Answered answered = world.identify(offered.request);
  EXPECT_EQ(answered.status, Status::ok);
  EXPECT_EQ(answered.subprotocol, "freshet.token." + token) << "else a browser hangs up";
}

TEST(Handshakes, WithoutATokenAreRefusedAndNamedInTheLog) {
  SecretWorld world;
  const Handshake handshake("/yjs/a", {});
  EXPECT_EQ(world.identify(handshake.request).status, Status::unauthenticated);
  EXPECT_EQ(world.host.log(),
            "refused the token of \"192.0.2.1\" for room \"a\" (unauthenticated): there is none\n");
}

}  // namespace
}  // namespace freshet::jwt
