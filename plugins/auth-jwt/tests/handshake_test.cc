// Where a token may be, and what comes of it.
#include "freshet/testing/fake_request.h"

#include <gtest/gtest.h>

#include "world.h"

namespace freshet::jwt {
namespace {

using testing::FakeRequest;

TEST(Handshakes, WithAGoodTokenAreIdentifiedWhereverItIs) {
  const std::string token = node_token("HS256");
  SecretWorld world;
  const FakeRequest query("/yjs/a?token=" + token);
  EXPECT_EQ(world.identify(query.for_room("a", kNow)).status, Status::ok);
  const FakeRequest header("/yjs/a", {{"Authorization", "Bearer " + token}});
  EXPECT_EQ(world.identify(header.for_room("a", kNow)).status, Status::ok);
  EXPECT_EQ(world.identify(header.for_room("a", kNow)).subprotocol, "");
  const FakeRequest offered("/yjs/a", {{"Sec-WebSocket-Protocol", "yjs, freshet.token." + token}});
  const Answered answered = world.identify(offered.for_room("a", kNow));
  EXPECT_EQ(answered.status, Status::ok);
  EXPECT_EQ(answered.subprotocol, "freshet.token." + token) << "else a browser hangs up";
}

TEST(Handshakes, WithoutATokenAreRefusedAndNamedInTheLog) {
  SecretWorld world;
  const FakeRequest handshake("/yjs/a");
  EXPECT_EQ(world.identify(handshake.for_room("a", kNow)).status, Status::unauthenticated);
  EXPECT_EQ(world.host.log(),
            "refused the token of \"192.0.2.1\" for room \"a\" (unauthenticated): there is none\n");
}

}  // namespace
}  // namespace freshet::jwt
