// Which web pages may connect to a server that asks nobody who they are.
#include "core/request/origin.h"

#include <gtest/gtest.h>

#include "sim/world.h"

namespace freshet::sim {
namespace {

TEST(Origins, ArePagesOfThisMachineByTheirHostOnly) {
  for (const char* local : {"http://localhost", "http://localhost:3000", "https://LOCALHOST:3000",
                            "http://127.0.0.1:8080", "http://[::1]:8080", "http://[::1]"}) {
    EXPECT_TRUE(is_local_origin(local)) << local;
  }
  for (const char* other : {"", "null", "localhost", "http://example.com",
                            "http://localhost.example", "http://example.com:80@localhost",
                            "http://127.0.0.1.example", "http://[::1", "http://[::2]", "http://"}) {
    EXPECT_FALSE(is_local_origin(other)) << other;
  }
}

class Visitor final : public Peer {
 public:
  void on_connected(std::string_view) override { connected = true; }
  void on_message(Bytes, bool) override {}
  void on_closed(uint16_t code, std::string_view, uint16_t) override { closed = code; }
  bool came_in() const { return connected && closed == 0; }

  bool connected = false;
  uint16_t closed = 0;
};

TEST(Origins, OfOtherSitesDoNotComeInWhereNobodyIsAsked) {
  World world;
  Visitor program, own_page, foreign_page;
  world.platform().connect(program, "/yjs/r", Movable::yes);
  world.platform().connect(own_page, "/yjs/r", Movable::yes, {{"Origin", "http://localhost:3000"}});
  world.platform().connect(foreign_page, "/yjs/r", Movable::yes,
                           {{"Origin", "https://example.com"}});
  world.settle();
  EXPECT_TRUE(program.came_in());
  EXPECT_TRUE(own_page.came_in());
  EXPECT_EQ(foreign_page.closed, FRESHET_CLOSE_DENIED);
}

TEST(Origins, ThatAreEmptyAreSomebodysPage) {
  World world;
  Visitor page;
  world.platform().connect(page, "/yjs/r", Movable::yes, {{"Origin", ""}});
  world.settle();
  EXPECT_EQ(page.closed, FRESHET_CLOSE_DENIED);
  EXPECT_EQ(
      world.get({.role = FRESHET_ADMIN, .target = "/rooms", .headers = {{"Origin", ""}}}).status,
      403);
}

TEST(Origins, MayBeAnyIfTheManifestSaysOpen) {
  World world({.open = true});
  Visitor foreign_page;
  world.platform().connect(foreign_page, "/yjs/r", Movable::yes,
                           {{"Origin", "https://example.com"}});
  world.settle();
  EXPECT_TRUE(foreign_page.came_in());
}

}  // namespace
}  // namespace freshet::sim
