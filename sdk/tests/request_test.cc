// What a request says, and where in it a token is found.
#include "freshet/format/request.h"

#include <gtest/gtest.h>

#include "freshet/testing/fake_request.h"

namespace freshet {
namespace {

using testing::FakeRequest;

// The token that is found, "-" for none.
std::string found(const std::string& target, const FakeRequest::Headers& headers = {}) {
  const FakeRequest request(target, headers);
  const auto bearer = find_bearer(request.for_room("a"));
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
  const FakeRequest::Headers both = {{"Authorization", "Bearer b"},
                                     {"Sec-WebSocket-Protocol", "freshet.token.c"}};
  EXPECT_EQ(found("/a?token=a", both), "c");
  EXPECT_EQ(found("/a?token=a", {both[0]}), "b");
  const FakeRequest handshake("/a?token=a", both);
  freshet_auth_request request = handshake.for_room("a");
  request.token = to_c("in-band");
  EXPECT_EQ(find_bearer(request)->token, "in-band");
}

TEST(Bearer, IsNowhereWithoutARequest) {
  freshet_auth_request request{};
  EXPECT_FALSE(find_bearer(request));
}

TEST(RequestReader, FindsAHeaderInAnyCase) {
  const FakeRequest request("/a", {{"Content-TYPE", " text/plain "}, {"content-type", "other"}});
  const RequestReader reader(request.c());
  EXPECT_EQ(reader.header("content-type"), "text/plain");
  EXPECT_EQ(reader.header("content"), std::nullopt);
}

TEST(RequestReader, DecodesTheQueryAndThePath) {
  const FakeRequest request("/rooms/a%2Fb%20c?x=1%202&empty&x=3#x=4", {}, "POST", "body");
  const RequestReader reader(request.c());
  EXPECT_EQ(reader.method(), "POST");
  EXPECT_EQ(reader.path(), "/rooms/a%2Fb%20c");
  EXPECT_EQ(reader.below("/rooms/"), "a/b c");
  EXPECT_EQ(reader.below("/room/"), std::nullopt);
  EXPECT_EQ(reader.query("x"), "1 2");
  EXPECT_EQ(reader.query("empty"), "");
  EXPECT_EQ(reader.query("y"), std::nullopt);
  EXPECT_EQ(as_text(reader.body()), "body");
  EXPECT_EQ(reader.peer(), "192.0.2.1");
}

TEST(RequestReader, FindsACookieAmongOthers) {
  const FakeRequest request("/a", {{"Cookie", "a=1; session=\"x=y\" ;b=2"}, {"cookie", "c=3"}});
  const RequestReader reader(request.c());
  EXPECT_EQ(reader.cookie("a"), "1");
  EXPECT_EQ(reader.cookie("session"), "x=y");
  EXPECT_EQ(reader.cookie("b"), "2");
  EXPECT_EQ(reader.cookie("c"), "3");
  EXPECT_EQ(reader.cookie("sess"), std::nullopt);
  EXPECT_EQ(reader.cookie("A"), std::nullopt) << "unlike a header's, its name has a case";
}

}  // namespace
}  // namespace freshet
