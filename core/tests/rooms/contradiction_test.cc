// A copied tab, a machine restored from an image: two copies of a document that write as one
// client. They part for good, which nobody can mend, but somebody is told.
#include <gtest/gtest.h>

#include "freshet/crdt/transaction.h"
#include "sim/plugins/sim_auth.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

constexpr uint64_t kShared = 4'242;

// The first words of that client, by one of the copies.
std::vector<uint8_t> words(const std::string& text) {
  crdt::Doc doc;
  std::vector<uint8_t> update;
  crdt::Transaction edit(doc, kShared);
  EXPECT_EQ(edit.insert(edit.root("text"), 0, text), Status::ok);
  EXPECT_TRUE(edit.commit(update));
  return update;
}

Setup closing_after(size_t contradictions) {
  Setup setup;
  setup.limits.contradictions_per_session = contradictions;
  setup.limits.turn_bytes = 1'000;
  return setup;
}

struct Copies : World {
  explicit Copies(size_t contradictions = 0) : World(closing_after(contradictions)) {
    one = &join(ClientOptions{.name = "one", .comes_back = false});
    other = &join(ClientOptions{.name = "other", .comes_back = false});
    settle();
  }
  void write(SimClient& by, const std::string& text) {
    by.send_update(words(text));
    settle();
  }
  int64_t told() { return metric("freshet_contradicting_updates_total"); }
  SimClient *one, *other;
};

TEST(Copies, ThatWriteOtherThingsAsOneClientAreCountedAndLogged) {
  Copies world;
  world.write(*world.one, "x");
  EXPECT_EQ(world.told(), 0);
  world.write(*world.other, "y");
  EXPECT_EQ(world.told(), 1);
  EXPECT_TRUE(world.logged("room \"r\": two copies of the document write as one client: 4242"));
  EXPECT_TRUE(world.other->connected());
  EXPECT_EQ(world.other->text(), "x");
}

TEST(Copies, AreLoggedWithWhoWroteLastAndWhatHelps) {
  SimAuth auth;
  sim::Setup setup;
  setup.auth = &auth;
  World world(setup);
  SimClient& one = world.join(ClientOptions{.name = "one", .query = "token=w"});
  SimClient& other = world.join(ClientOptions{.name = "other", .query = "token=w"});
  one.send_update(words("x"));
  world.settle();
  other.send_update(words("y"));
  world.settle();
  EXPECT_TRUE(
      world.logged("as one client: 4242, the later by user \"sim\"; load both pages anew\n"));
}

TEST(Copies, AreLoggedSeldomHoweverOftenTheyWrite) {
  Copies world;
  world.write(*world.one, "x");
  for (int i = 0; i < 3; ++i) world.other->send_update(words("y"));
  world.run_ms(15'000);
  EXPECT_EQ(world.told(), 3);
  EXPECT_FALSE(world.logged("more since the last such line"));
  world.write(*world.other, "y");
  EXPECT_TRUE(world.logged("4242; load both pages anew; 2 more since the last such line"));
}

TEST(Copies, ThatRepeatWhatIsKnownAreHonest) {
  Copies world;
  world.write(*world.one, "x");
  const size_t heard = world.other->received.updates;
  world.write(*world.other, "x");
  EXPECT_EQ(world.told(), 0);
  EXPECT_EQ(world.other->received.updates, heard + 1);  // which says that it is saved
}

TEST(Copies, AreNotToldThatWhatWasLostIsSaved) {
  Copies world;
  world.write(*world.one, "x");
  const size_t heard = world.other->received.updates;
  world.write(*world.other, "y");
  EXPECT_EQ(world.other->received.updates, heard);
}

TEST(Copies, AreFoundInLongUpdatesToo) {
  Copies world;
  world.write(*world.one, std::string(5'000, 'x'));
  world.write(*world.other, std::string(5'000, 'y'));
  EXPECT_EQ(world.told(), 1);
}

TEST(Copies, AreClosedByTheLaterOneWhereTheManifestSaysSoAndMayComeBack) {
  Copies world(2);
  world.write(*world.one, "x");
  world.write(*world.other, "y");
  EXPECT_TRUE(world.other->connected());
  world.write(*world.other, "yz");
  EXPECT_FALSE(world.other->connected());
  EXPECT_EQ(world.other->close_code(), 4503);
  EXPECT_FALSE(world.other->stays_away());
  EXPECT_TRUE(world.one->connected());
  EXPECT_EQ(world.one->text(), "xz");
}

}  // namespace
}  // namespace freshet::sim
