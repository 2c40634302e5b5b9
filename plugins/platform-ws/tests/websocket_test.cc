// What a WebSocket client sees.
#include <gtest/gtest.h>

#include "platform-ws/tests/world.h"

namespace freshet::ws::testing {
namespace {

TEST(WebSocket, TheHandshakeAnswersTheKeyOfTheRfc) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  const Response response = client.handshake();
  EXPECT_EQ(response.status, 101);
  EXPECT_EQ(response.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(response.header("Sec-WebSocket-Extensions"), "");
}

TEST(WebSocket, AMessageComesBackAsItsOwnKind) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  client.send(1, "grüße");
  Frame frame = client.receive();
  EXPECT_EQ(frame.opcode, 1);
  EXPECT_EQ(frame.payload, "grüße");
  client.send(2, std::string("\x00\xff", 2));
  frame = client.receive();
  EXPECT_EQ(frame.opcode, 2);
  EXPECT_EQ(frame.payload, std::string("\x00\xff", 2));
}

}  // namespace
}  // namespace freshet::ws::testing
