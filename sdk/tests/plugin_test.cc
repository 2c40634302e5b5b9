// The border between a plugin's C++ and the tables the host sees: nothing thrown gets past it, each
// slow call is answered once, and the descriptor says what the class says.
#include "freshet/plugin.h"

#include <gtest/gtest.h>

#include <bit>
#include <new>
#include <stdexcept>
#include <string>

#include "freshet/testing.h"

namespace freshet {

namespace {

using testing::Answer;
using testing::FakeHost;

// Throws from wherever it is told to.
class Unruly final : public Store, public Auth {
 public:
  static constexpr freshet_setting kSettings[] = {
      setting::choice("fail", "no", "no|status|throw", "How create() ends.")};
  static constexpr const char* kNeeds[] = {"some.service/3"};
  static constexpr About kAbout{.id = "unruly",
                                .version = "2.1.0",
                                .licence = "MIT",
                                .summary = "Fails.",
                                .settings = kSettings,
                                .needs = kNeeds};

  static Result<std::unique_ptr<Unruly>> create(Host host) {
    if (host.text("fail") == "status") return Status::unsupported;
    if (host.text("fail") == "throw") throw std::runtime_error("create threw");
    return std::make_unique<Unruly>();
  }

  Status load(std::string_view room, Reply out) override {
    FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, "half an answer"));
    if (room == "runtime_error") throw std::runtime_error("the disk is on fire");
    if (room == "int") throw 42;
    if (room == "bad_alloc") throw std::bad_alloc();
    return Status::corrupt;
  }
  Status append(const freshet_batch& batch, Reply) override {
    const bool whole = batch.count == 2 && view(batch.entries[1].room) == "b" &&
                       batch.writer.shard == 3 && batch.number == 4;
    return whole ? Status::ok : Status::internal;
  }
  Status replace(std::string_view, const freshet_epoch& epoch, uint64_t seq, Bytes bytes) override {
    return epoch.bytes[15] == 9 && seq == 7 && as_text(bytes) == "S" ? Status::ok
                                                                     : Status::internal;
  }
  Status put(std::string_view, const freshet_epoch&, Bytes bytes) override {
    return bytes.empty() ? Status::ok : Status::internal;
  }
  Status erase(std::string_view) override { return Status::not_found; }
  Status list(std::string_view, uint32_t limit, Reply out) override {
    for (uint32_t i = 0; i < limit; ++i) {
      FRESHET_CHECK(out.write(FRESHET_STORE_ROOM, i, as_bytes("r")));
    }
    return Status::ok;
  }
  Status info(std::string_view, Reply) override { throw std::logic_error("no info"); }
  Status identify(const freshet_auth_request&, Reply) override { throw std::logic_error("who?"); }
};

class Border : public ::testing::Test {
 protected:
  static freshet_str str(std::string_view text) { return to_c(text); }

  void SetUp() override { ASSERT_EQ(plugin->create(fake.table(), &self), FRESHET_OK); }
  void TearDown() override { plugin->destroy(self); }

  const freshet_store* store() {
    return static_cast<const freshet_store*>(plugin->service(self, FRESHET_STORE_ID));
  }

  FakeHost fake{Unruly::kSettings};
  const freshet_plugin* plugin = detail::describe<Unruly>();
  void* self = nullptr;
};

}  // namespace

// ---- the descriptor

TEST_F(Border, DescribesTheClass) {
  EXPECT_EQ(plugin->size, sizeof(freshet_plugin));
  EXPECT_EQ(plugin->abi, FRESHET_ABI_VERSION);
  EXPECT_STREQ(plugin->id, "unruly");
  EXPECT_STREQ(plugin->version, "2.1.0");
  EXPECT_STREQ(plugin->licence, "MIT");
  EXPECT_STREQ(plugin->summary, "Fails.");
  ASSERT_NE(plugin->offers[0], nullptr);
  ASSERT_NE(plugin->offers[1], nullptr);
  EXPECT_STREQ(plugin->offers[0], FRESHET_STORE_ID);
  EXPECT_STREQ(plugin->offers[1], FRESHET_AUTH_ID);
  EXPECT_EQ(plugin->offers[2], nullptr);
  EXPECT_STREQ(plugin->needs[0], "some.service/3");
  EXPECT_EQ(plugin->needs[1], nullptr);
  ASSERT_EQ(plugin->setting_count, 1u);
  EXPECT_EQ(plugin->setting_size, sizeof(freshet_setting));
  EXPECT_STREQ(plugin->settings[0].choices, "no|status|throw");
  EXPECT_EQ(detail::describe<Unruly>(), plugin) << "the same at every call";
}

TEST_F(Border, OffersTheTablesOfItsInterfacesAndNoOthers) {
  ASSERT_NE(store(), nullptr);
  EXPECT_EQ(store()->size, sizeof(freshet_store));
  EXPECT_NE(plugin->service(self, FRESHET_AUTH_ID), nullptr);
  EXPECT_EQ(plugin->service(self, FRESHET_CRDT_ID), nullptr);
  EXPECT_EQ(plugin->service(self, "freshet.store/1"), nullptr);
  EXPECT_EQ(plugin->service(self, ""), nullptr);
}

TEST_F(Border, CreateFailsWithTheStatusAndWithoutAnInstance) {
  void* none = nullptr;
  fake.set("fail", "status");
  EXPECT_EQ(plugin->create(fake.table(), &none), FRESHET_UNSUPPORTED);
  fake.set("fail", "throw");
  EXPECT_EQ(plugin->create(fake.table(), &none), FRESHET_INTERNAL);
  EXPECT_TRUE(fake.logged("a plugin call threw: create threw"));
  EXPECT_EQ(none, nullptr);
}

// ---- calls

TEST_F(Border, AnExceptionBecomesAStatusOneLineAndOneAnswer) {
  const struct {
    const char* room;
    const char* line;
  } table[] = {{"runtime_error", "a plugin call threw: the disk is on fire"},
               {"int", "a plugin call threw something that is no std::exception"},
               {"bad_alloc", "a plugin call ran out of memory"}};
  for (const auto& [room, line] : table) {
    Answer answer;
    store()->load(store()->self, str(room), answer.reply());
    const bool for_want_of_memory = std::string_view(room) == "bad_alloc";
    EXPECT_EQ(answer.wait(), for_want_of_memory ? Status::retry : Status::internal) << room;
    EXPECT_EQ(answer.times_done(), 1) << room;
    EXPECT_TRUE(fake.logged(line)) << fake.log();
  }
}

TEST_F(Border, EveryServiceHasTheBorder) {
  Answer info, identity;
  store()->info(store()->self, str("r"), info.reply());
  EXPECT_EQ(info.wait(), Status::internal);
  EXPECT_TRUE(fake.logged("a plugin call threw: no info"));
  const auto* auth = static_cast<const freshet_auth*>(plugin->service(self, FRESHET_AUTH_ID));
  const freshet_auth_request request{};
  auth->identify(auth->self, &request, identity.reply());
  EXPECT_EQ(identity.wait(), Status::internal);
  EXPECT_EQ(identity.times_done(), 1);
  EXPECT_TRUE(fake.logged("a plugin call threw: who?"));
}

TEST_F(Border, PassesEveryArgumentAndStatusThrough) {
  const freshet_epoch epoch{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}};
  freshet_append entries[2]{};
  entries[0].room = str("a");
  entries[1].room = str("b");
  const freshet_batch batch{sizeof(batch), {{}, 3}, 4, entries, 2};
  Answer append, replace, put, erase, list, load, backup;
  store()->append(store()->self, &batch, append.reply());
  EXPECT_EQ(append.wait(), Status::ok);
  store()->replace(store()->self, str("r"), epoch, 7, to_c(as_bytes("S")), replace.reply());
  EXPECT_EQ(replace.wait(), Status::ok);
  store()->put(store()->self, str("r"), epoch, {nullptr, 0}, put.reply());
  EXPECT_EQ(put.wait(), Status::ok);
  store()->erase(store()->self, str("r"), erase.reply());
  EXPECT_EQ(erase.wait(), Status::not_found);
  store()->list(store()->self, {nullptr, 0}, 3, list.reply());
  EXPECT_EQ(list.wait(), Status::ok);
  EXPECT_EQ(list.items().size(), 3u);
  EXPECT_EQ(list.items().at(2).number, 2u);
  store()->load(store()->self, str("r"), load.reply());
  EXPECT_EQ(load.wait(), Status::corrupt);
  store()->backup(store()->self, str("x"), backup.reply());
  EXPECT_EQ(backup.wait(), Status::unsupported);
}

// An app is settled unless it says that it is not; one that cannot say is not waited for.
TEST(AppBorder, SaysWhetherAnAppIsSettled) {
  struct Plain final : App {
    AppWants wants() override { return {}; }
  } plain;
  struct Busy final : App {
    AppWants wants() override { return {}; }
    bool settled() override { return false; }
  } busy;
  struct Torn final : App {
    AppWants wants() override { return {}; }
    bool settled() override { throw std::runtime_error("torn"); }
  } torn;
  FakeHost fake;
  const auto told_by = [&](App& app) {
    const Bound<App> bound(app, fake.host());
    return bound.table()->settled(bound.table()->self);
  };
  EXPECT_EQ(told_by(plain), 1);
  EXPECT_EQ(told_by(busy), 0);
  EXPECT_EQ(told_by(torn), 1);
  EXPECT_TRUE(fake.logged("a plugin call threw: torn"));
}

TEST(Table, HasToldByItsSizeAndWhetherItIsFilledIn) {
  freshet_store table{};
  table.size = sizeof(freshet_store);
  EXPECT_FALSE(FRESHET_HAS(&table, backup));
  table.backup = [](void*, freshet_str, freshet_reply) {};
  EXPECT_TRUE(FRESHET_HAS(&table, backup));
  table.size = offsetof(freshet_store, backup);
  EXPECT_FALSE(FRESHET_HAS(&table, backup)) << "an older table ends before it";
}

// ---- settings with rules of their own

namespace {

class Picky final : public Auth {
 public:
  struct Options {
    std::string name;
  };
  static constexpr freshet_setting kSettings[] = {
      setting::text("name", "", "Not empty, and no \"x\"."),
      setting::boolean("throws", "false", "Whether reading them does.")};
  static constexpr About kAbout{.id = "picky", .version = "1.0.0", .settings = kSettings};

  static Options read_settings(Given given, Faults& faults) {
    if (given.flag("throws")) throw std::runtime_error("no such day");
    if (given.text("name").empty()) faults.add("name", "is empty");
    if (given.text("name") != "good") faults.add("", "all of it is \"odd\"");
    return {std::string(given.text("name"))};
  }
  static Result<std::unique_ptr<Picky>> create(Host host, Options options) {
    host.info("created with " + options.name);
    return std::make_unique<Picky>();
  }
  Status identify(const freshet_auth_request&, Reply) override { return Status::unsupported; }
};

// What a host hears when it asks for faults.
struct Told {
  freshet_status ask(const freshet_plugin& plugin, const FakeHost& fake) {
    text.clear();
    return plugin.check_settings(std::bit_cast<const freshet_host*>(fake.host()), &out);
  }
  std::string text;
  const freshet_faults out = {
      sizeof(freshet_faults), this, [](void* ctx, freshet_str key, freshet_str reason) {
        static_cast<Told*>(ctx)->text +=
            std::string(view(key)) + ": " + std::string(view(reason)) + "\n";
      }};
};

}  // namespace

TEST(SettingsOfAPlugin, AreJudgedWithoutCreatingAnything) {
  const freshet_plugin* plugin = detail::describe<Picky>();
  FakeHost fake{Picky::kSettings};
  Told told;
  EXPECT_EQ(told.ask(*plugin, fake), FRESHET_OK);
  EXPECT_EQ(told.text, "name: is empty\n: all of it is \"odd\"\n");
  fake.set("name", "good");
  EXPECT_EQ(told.ask(*plugin, fake), FRESHET_OK);
  EXPECT_EQ(told.text, "");
  EXPECT_EQ(fake.log(), "");
  fake.set("throws", int64_t{1});
  EXPECT_EQ(told.ask(*plugin, fake), FRESHET_INTERNAL);
  EXPECT_EQ(fake.log(), "a plugin call threw: no such day\n");
}

TEST(SettingsOfAPlugin, ThatAreRefusedNeverReachCreate) {
  const freshet_plugin* plugin = detail::describe<Picky>();
  FakeHost fake{Picky::kSettings};
  const auto* host = std::bit_cast<const freshet_host*>(fake.host());
  void* self = nullptr;
  EXPECT_EQ(plugin->create(host, &self), FRESHET_MALFORMED);
  EXPECT_EQ(self, nullptr);
  EXPECT_EQ(fake.log(), "name: is empty\nall of it is \"odd\"\n");
  fake.set("name", "good");
  ASSERT_EQ(plugin->create(host, &self), FRESHET_OK);
  EXPECT_TRUE(fake.logged("created with good"));
  plugin->destroy(self);
}

TEST(SettingsOfAPlugin, AreWhatTheSchemaSaysIfItSaysNoMore) {
  EXPECT_EQ(detail::describe<Unruly>()->check_settings, nullptr);
}

}  // namespace freshet
