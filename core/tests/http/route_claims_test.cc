// What two plugins want, or one and nobody gives: a mistake of the manifest, told with the line of
// the second.
#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "core/report/log_spdlog.h"
#include "core/server/server.h"

namespace freshet {
namespace {

const freshet_platform kPlatform{};
const freshet_store kStore{};
const freshet_crdt kCrdt{};

// A plugin that serves one route and can do nothing else.
template <class Table>
class Taker {
 public:
  explicit Taker(std::string route) : route_(std::move(route)) {
    table_.size = sizeof(table_);
    table_.self = this;
    table_.routes = [](void* self, const freshet_sink* out) {
      return out->write(out->ctx, to_c(as_bytes(static_cast<Taker*>(self)->route_)));
    };
    if constexpr (requires { table_.traits; }) table_.traits = [](void*, freshet_traits*) {};
  }
  const Table* table() const { return &table_; }

 private:
  std::string route_;
  Table table_{};
};

class Claimed : public ::testing::Test {
 protected:
  // What a person is told. No test here has a platform to run on.
  std::string start() {
    services_.platform = {&kPlatform, "world"};
    services_.store = {&kStore, "keeper"};
    services_.crdt = {&kCrdt, "engine"};
    Problems problems("m.toml");
    EXPECT_EQ(server_.start(services_, problems), Status::conflict);
    return problems.text();
  }

  SpdLog log_{LogFormat::text, FRESHET_WARN, std::cerr};
  Metrics metrics_;
  Services services_;
  Server::Tables tables_;
  Server server_{Limits{}, log_, metrics_, tables_};
};

TEST_F(Claimed, ByTwoProtocolsIsToldWithBothLines) {
  const Taker<freshet_protocol> one("/yjs"), other("/yjs");
  services_.protocols = {{one.table(), "protocol-yjs", 7}, {other.table(), "protocol-acme", 12}};
  EXPECT_EQ(start(),
            "m.toml:12: plugin.use: \"protocol-acme\" claims the route /yjs, and so does "
            "\"protocol-yjs\" in line 7: give one of them another route in its settings\n");
}

TEST_F(Claimed, ByTwoPagesIsToldTooAndAProtocolMayShareItsPath) {
  const Taker<freshet_protocol> wire("/acme");
  const Taker<freshet_http> one("/acme"), other("/acme");
  services_.protocols = {{wire.table(), "protocol-acme", 3}};
  services_.https = {{one.table(), "acme", 5}, {other.table(), "acme-too", 9}};
  EXPECT_EQ(start(),
            "m.toml:9: plugin.use: \"acme-too\" claims the route /acme, and so does \"acme\" in "
            "line 5: give one of them another route in its settings\n");
}

TEST_F(Claimed, AnOutboxThatTheStoreDoesNotKeepIsMissed) {
  const freshet_outbox& outbox = *tables_.outbox.table();
  outbox.watch(outbox.ctx, to_c(std::string_view("app-webhook")), [](void*) {}, nullptr);
  EXPECT_EQ(start(),
            "m.toml:1: plugin.use: \"keeper\" keeps no outbox, and a plugin of this manifest needs "
            "one: use a store that does, like \"store-sqlite\"\n");
}

TEST_F(Claimed, TheFirstStateOfRoomsIsGivenByOneApp) {
  freshet_app table{};
  table.size = sizeof(table);
  table.wants = [](void*, freshet_app_wants* out) { *out = {sizeof(*out), 0, 0, 1, 0}; };
  services_.apps = {{&table, "app-webhook", 7}, {&table, "app-acme", 12}};
  EXPECT_EQ(start(),
            "m.toml:12: plugin.use: \"app-acme\" gives rooms their first state, and so does "
            "\"app-webhook\": only one app of a server may\n");
}

}  // namespace
}  // namespace freshet
