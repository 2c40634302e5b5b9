// What apps keep beside rooms, as plugins call it: where no server runs, on a store that keeps
// none, and on one that keeps it.
#include "core/offered/room_storage_table.h"

#include <gtest/gtest.h>

#include <optional>

#include "core/server/server.h"
#include "core/tests/offered/store_on_loop.h"
#include "freshet/room_storage.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

Bytes bytes(std::string_view text) { return as_bytes(text); }

// One value of each room, whatever its name.
struct OneValue {
  OneValue() {
    table.size = sizeof(table);
    table.self = this;
    table.kept_read = [](void* self, freshet_str, freshet_str, freshet_reply reply) {
      const OneValue& here = *static_cast<OneValue*>(self);
      here.say(reply, Status::ok, to_c(as_bytes(here.value)));
    };
    table.kept_write = [](void* self, freshet_str room, freshet_str name, uint64_t replaced,
                          freshet_bytes given, freshet_reply reply) {
      OneValue& here = *static_cast<OneValue*>(self);
      here.asked += std::string(view(room)) + "/" + std::string(view(name)) + " ";
      if (replaced != FRESHET_KEPT_ANY && replaced != here.version) {
        return here.say(reply, Status::conflict, {});
      }
      ++here.version;
      here.value = as_text(view(given));
      here.say(reply, Status::ok, {});
    };
    table.kept_list = [](auto...) {};
  }

  void say(freshet_reply reply, Status status, freshet_bytes told) const {
    const freshet_item item{FRESHET_STORE_KEPT, version, told};
    reply.to->write(reply.to->ctx, reply.token, &item);
    reply.to->done(reply.to->ctx, reply.token, freshet_status(status));
  }

  freshet_store table{};
  uint64_t version = 7;
  std::string value = "seven";
  std::string asked;
};

class RoomStorageTest : public ::testing::Test {
 protected:
  RoomStorage named(std::string name) { return {table.table(), std::move(name)}; }
  void write(const RoomStorage& storage, std::string_view room, uint64_t version,
             std::string_view value) {
    written.reset();
    storage.replace(room, version, bytes(value), [this](Status status, uint64_t now) {
      written = status;
      version_now = now;
    });
  }

  RoomStorageTable table;
  std::optional<Status> written;
  uint64_t version_now = 0;
};

TEST_F(RoomStorageTest, AnswersRetryWhereNoServerRuns) {
  write(named("app"), "r", 0, "x");
  EXPECT_EQ(written, Status::retry);
  EXPECT_EQ(named("app").read("r").status(), Status::retry);
}

// The simulated store keeps none.
TEST_F(RoomStorageTest, SaysThatTheStoreKeepsNone) {
  World world;
  const Limits limits;
  table.open(world.server().store(), 0, limits);
  write(named("app"), "r", 0, "x");
  world.settle();
  EXPECT_EQ(written, Status::unsupported);
  table.close();
}

class OnOneValue : public RoomStorageTest {
 protected:
  OnOneValue() {
    limits.room_storage_bytes = 1024;
    table.open(on.queue, 0, limits);
  }
  void TearDown() override { table.close(); }
  void run() { on.run(); }

  Limits limits;
  OneValue store;
  StoreOnLoop on{store.table};
};

TEST_F(OnOneValue, ReadsAndWritesAndTellsTheVersion) {
  std::string read;
  named("app").read("r", [&](Status status, const RoomStorage::Value& value) {
    EXPECT_EQ(status, Status::ok);
    read = std::to_string(value.version) + std::string(as_text(Bytes(value.bytes)));
  });
  run();
  EXPECT_EQ(read, "7seven");
  write(named("app"), "r", FRESHET_KEPT_ANY, "eight");
  run();
  EXPECT_EQ(written, Status::ok);
  EXPECT_EQ(version_now, 8u);
  EXPECT_EQ(store.value, "eight");
}

TEST_F(OnOneValue, SaysWhichVersionIsThereInsteadOfTheOneThatWasMeant) {
  write(named("app"), "r", 6, "x");
  run();
  EXPECT_EQ(written, Status::conflict);
  EXPECT_EQ(version_now, 7u);
  EXPECT_EQ(store.value, "seven");
}

TEST_F(OnOneValue, RefusesWhatIsTooMuchOrNoNameAndAsksNobody) {
  write(named("app"), "r", 7, std::string(1025, 'x'));
  EXPECT_EQ(written, Status::too_large);
  write(named(""), "r", 7, "x");
  EXPECT_EQ(written, Status::malformed);
  write(named(std::string(FRESHET_ROOM_VALUE_NAME + 1, 'n')), "r", 7, "x");
  EXPECT_EQ(written, Status::malformed);
  write(named("app"), "", 7, "x");
  EXPECT_EQ(written, Status::not_found);
  run();
  EXPECT_EQ(store.asked, "");
  write(named(std::string(FRESHET_ROOM_VALUE_NAME, 'n')), "r", 7, std::string(1024, 'x'));
  run();
  EXPECT_EQ(written, Status::ok);
}

}  // namespace
}  // namespace freshet::sim
