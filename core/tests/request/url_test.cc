// What a request is for: paths, queries, and what is escaped in them.
#include "freshet/format/url.h"

#include <gtest/gtest.h>

#include "sim/world.h"

namespace freshet::sim {
namespace {

TEST(Targets, APercentSignThatIsNoEscapeIsItself) {
  World world;
  for (const auto& [bare, escaped] : {std::pair("a%b", "a%25b"), {"%", "%25"}, {"%zz", "%25zz"}}) {
    SimClient& one = world.join(std::string("bare ") + bare, bare);
    SimClient& other = world.join(std::string("escaped ") + bare, escaped);
    one.type("same room");
    world.settle();
    EXPECT_EQ(other.text(), "same room") << bare;
  }
}

TEST(Targets, MayBeAWholeUrl) {
  const std::pair<const char*, std::pair<const char*, const char*>> cases[] = {
      {"/yjs/r?x=1", {"/yjs/r", "x=1"}},
      {"http://sync.example:4747/yjs/r?x=1", {"/yjs/r", "x=1"}},
      {"HTTPS://sync.example/", {"/", ""}},
      {"http://sync.example", {"/", ""}},
      {"http://sync.example?x", {"/", "x"}},
      {"/http://sync.example/", {"/http://sync.example/", ""}},
      {"*", {"*", ""}},
  };
  for (const auto& [target, parts] : cases) {
    EXPECT_EQ(split_target(target).path, parts.first) << target;
    EXPECT_EQ(split_target(target).query, parts.second) << target;
  }
  World world;
  EXPECT_EQ(world.get({.target = "http://sync.example/healthz"}).status, 200);
}

TEST(Targets, OfTheAdminListenerTakeAPercentSignAsItIs) {
  World world;
  EXPECT_EQ(query_value("after=%zz&limit=1", "after"), "%zz");
  EXPECT_EQ(world.get({.role = FRESHET_ADMIN, .target = "/rooms?after=%zz"}).status, 200);
}

}  // namespace
}  // namespace freshet::sim
