// Plugins that are right, and plugins that are wrong in every way we could think of.
#include "core/host/plugin_host.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "freshet/abi.h"

namespace freshet {
namespace {

class KeptLog final : public Log {
 public:
  void write(freshet_level level, std::string_view who, std::string_view message) override {
    if (level == FRESHET_DEBUG) return;
    lines.push_back(std::string(who) + ": " + std::string(message));
  }
  std::vector<std::string> lines;
};

std::string entry(const std::string& use, const std::string& settings = "") {
  return "[[plugin]]\nuse = \"" + use + "\"\n[plugin.settings]\n" + settings;
}

// The server's half of a manifest takes lines 1 and 2; entry() takes 3, and 1 per setting.
std::string local(const std::string& plugins) {
  return "[server]\nlisten = [\"127.0.0.1:1\"]\n" + plugins;
}

class PluginHostTest : public testing::Test {
 protected:
  PluginHostTest() { host_ = std::make_unique<PluginHost>(log_, metrics_); }

  // What a person is told; empty if all is well.
  std::string load(const std::string& toml, Composition composition = Composition::any) {
    Problems problems("m.toml");
    const Manifest manifest = parse_manifest("m.toml", toml, process_environment(), problems);
    host_->load(manifest, PluginPath({FRESHET_TEST_PLUGINS}), composition, problems);
    return problems.text();
  }

  std::string create() {
    Problems problems("m.toml");
    services_ = host_->create(problems);
    return problems.text();
  }

  KeptLog log_;
  Metrics metrics_;
  std::unique_ptr<PluginHost> host_;
  Services services_;
};

TEST_F(PluginHostTest, CreatesInOrderCollectsServicesAndDestroysInReverse) {
  ASSERT_EQ(load(local(entry("world") + entry("engine") + entry("keeper") + entry("guard")),
                 Composition::server),
            "");
  EXPECT_TRUE(log_.lines.empty()) << "nothing runs before create()";
  ASSERT_EQ(create(), "");
  EXPECT_EQ(services_.platform.plugin, "world");
  EXPECT_EQ(services_.store.plugin, "keeper");
  EXPECT_EQ(services_.auth.plugin, "guard");
  ASSERT_TRUE(services_.crdt);
  EXPECT_STREQ(services_.crdt->name, "yjs");
  ASSERT_EQ(services_.protocols.size(), 1U);
  EXPECT_EQ(services_.protocols[0].plugin, "world");
  host_.reset();
  EXPECT_EQ(log_.lines,
            (std::vector<std::string>{"world: created", "engine: created", "keeper: created",
                                      "guard: created", "guard: destroyed", "keeper: destroyed",
                                      "engine: destroyed", "world: destroyed"}));
}

TEST_F(PluginHostTest, WhatBecomesOfThoseWhoComeIsForAuthPluginsToBeLimitedBy) {
  const std::string limits = "[plugin.limits]\nwhile_open = \"read\"\n";
  EXPECT_EQ(load(local("[[plugin]]\nuse = \"keeper\"\n" + limits)),
            "m.toml:5: plugin.limits.while_open: is of auth plugins, and \"keeper\" is none\n");
  host_ = std::make_unique<PluginHost>(log_, metrics_);
  EXPECT_EQ(load(local("[[plugin]]\nuse = \"guard\"\n" + limits)), "");
  ASSERT_EQ(create(), "");
  EXPECT_EQ(services_.auth.limits.while_open, PluginLimits::WhileOpen::read);
}

TEST_F(PluginHostTest, EndsThoseThatOthersDoNotNeedBeforeThem) {
  ASSERT_EQ(load(local(entry("world") + entry("engine") + entry("keeper") + entry("guard")),
                 Composition::server),
            "");
  ASSERT_EQ(create(), "");
  log_.lines.clear();
  host_->end_but({FRESHET_PLATFORM_ID, FRESHET_CRDT_ID});
  EXPECT_EQ(log_.lines, (std::vector<std::string>{"guard: destroyed", "keeper: destroyed"}));
  host_.reset();
  EXPECT_EQ(log_.lines.size(), 4U) << "each ends once";
  EXPECT_EQ(log_.lines.back(), "world: destroyed");
}

TEST_F(PluginHostTest, HandsEachPluginItsOwnCheckedSettings) {
  ASSERT_EQ(load(local(entry("chooser",
                             "path = \"a/b\"\ncache = \"2 KiB\"\nwait = \"5 s\"\n"
                             "mode = \"memory\"\nfast = true\npeers = [\"x\", \"y\"]\n"))),
            "");
  ASSERT_EQ(create(), "");
  EXPECT_EQ(log_.lines,
            (std::vector<std::string>{
                "chooser: created", "chooser: path: a/b", "chooser: secret: none",
                "chooser: cache: 2048", "chooser: wait: 5000", "chooser: rooms: 10",
                "chooser: mode: memory", "chooser: fast: 1", "chooser: peers: 2, first x"}));
}

TEST_F(PluginHostTest, FillsInDefaults) {
  ASSERT_EQ(load(local(entry("chooser", "path = \"\"\nsecret = \"s\"\n"))), "");
  ASSERT_EQ(create(), "");
  EXPECT_EQ(log_.lines, (std::vector<std::string>{
                            "chooser: created", "chooser: path: ", "chooser: secret: s",
                            "chooser: cache: 65536", "chooser: wait: 1000", "chooser: rooms: 10",
                            "chooser: mode: wal", "chooser: fast: 0", "chooser: peers: none"}));
}

TEST_F(PluginHostTest, TellsThePluginsAuthorOfASettingThatIsNotInTheSchema) {
  ASSERT_EQ(load(local(entry("curious"))), "");
  ASSERT_EQ(create(), "");
  EXPECT_EQ(log_.lines,
            (std::vector<std::string>{"curious: created",
                                      "curious: asks for a setting it does not declare: colour",
                                      "curious: colour: none"}));
}

TEST_F(PluginHostTest, LetsAPluginFindWhatAnEarlierOneOffers) {
  ASSERT_EQ(load(local(entry("giver") + entry("taker"))), "");
  ASSERT_EQ(create(), "");
  EXPECT_EQ(log_.lines.back(), "taker: found acme.thing/0");
}

TEST_F(PluginHostTest, OffersTheCoresOwnServices) {
  const freshet_room room{};
  host_->offer(FRESHET_ROOM_ID, &room);
  ASSERT_EQ(load(local(entry("roomer"))), "");
  ASSERT_EQ(create(), "");
  EXPECT_EQ(log_.lines.back(), "roomer: found freshet.room/0");
}

TEST_F(PluginHostTest, CreatesOnlyWhatAToolNeeds) {
  ASSERT_EQ(load(local(entry("world") + entry("giver") + entry("engine") + entry("taker") +
                       entry("keeper"))),
            "");
  Problems problems("m.toml");
  const Services services = host_->create_only({FRESHET_STORE_ID, FRESHET_CRDT_ID}, problems);
  EXPECT_TRUE(problems.empty()) << problems.text();
  EXPECT_TRUE(services.store);
  EXPECT_TRUE(services.crdt);
  EXPECT_FALSE(services.platform);
  EXPECT_EQ(log_.lines, (std::vector<std::string>{"engine: created", "keeper: created"}));
}

TEST_F(PluginHostTest, TakesAPluginByItsFile) {
  EXPECT_EQ(load(local(entry(std::string(FRESHET_TEST_PLUGINS) + "/keeper.so"))), "");
}

struct Mistake {
  std::string plugins;  // from line 3 on
  std::string told;     // the reason, after "m.toml:"; PLUGINS stands for the folder
};

class LoadedWrong : public PluginHostTest, public testing::WithParamInterface<Mistake> {};

TEST_P(LoadedWrong, IsToldBeforeAnythingRuns) {
  std::string told = GetParam().told.empty() ? "" : "m.toml:" + GetParam().told + "\n";
  for (size_t at; (at = told.find("PLUGINS")) != std::string::npos;) {
    told.replace(at, 7, FRESHET_TEST_PLUGINS);
  }
  EXPECT_EQ(load(local(GetParam().plugins)), told);
  EXPECT_TRUE(log_.lines.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Files, LoadedWrong,
    testing::Values(
        Mistake{entry("keepr"),
                "4: plugin.use: there is no plugin \"keepr\" in PLUGINS; did you mean \"keeper\"?"},
        Mistake{entry("banana"), "4: plugin.use: there is no plugin \"banana\" in PLUGINS"},
        Mistake{entry("./banana.so"), "4: plugin.use: there is no file \"./banana.so\""},
        Mistake{entry("misnamed"), "4: plugin.use: PLUGINS/misnamed.so is the plugin \"other\""},
        Mistake{entry("no-entry"),
                "4: plugin.use: PLUGINS/no-entry.so is no Freshet plugin: it "
                "exports no freshet_plugin_entry"},
        Mistake{entry("no-descriptor"),
                "4: plugin.use: PLUGINS/no-descriptor.so gives no descriptor"},
        Mistake{entry("future-abi"),
                "4: plugin.use: PLUGINS/future-abi.so was built for ABI version 7, and this server "
                "speaks 0: build it against this server's SDK"},
        Mistake{entry("short"),
                "4: plugin.use: PLUGINS/short.so has a descriptor of 16 bytes (ABI version 0), "
                "and this server reads " +
                    std::to_string(offsetof(freshet_plugin, shared)) +
                    " (ABI version 0): build it against this server's SDK"},
        Mistake{entry("no-version"),
                "4: plugin.use: PLUGINS/no-version.so leaves out its id, version, licence or "
                "summary"},
        Mistake{entry("no-id"), "4: plugin.use: PLUGINS/no-id.so has no id"},
        Mistake{entry("no-create"),
                "4: plugin.use: PLUGINS/no-create.so leaves out create, destroy or service"},
        Mistake{entry("offers-twice"),
                "4: plugin.use: PLUGINS/offers-twice.so offers \"acme.thing/0\" twice, or under no "
                "name"},
        Mistake{entry("offers-nameless"),
                "4: plugin.use: PLUGINS/offers-nameless.so offers \"\" twice, or under no name"},
        Mistake{entry("offers-many"),
                "4: plugin.use: PLUGINS/offers-many.so offers more services than there are"},
        Mistake{entry("offers-unknown"),
                "4: plugin.use: PLUGINS/offers-unknown.so offers freshet.banana/0, which this "
                "server does not know"},
        Mistake{entry("needs-twice"),
                "4: plugin.use: PLUGINS/needs-twice.so needs \"acme.thing/0\" twice, or under no "
                "name"},
        Mistake{entry("small-settings"),
                "4: plugin.use: PLUGINS/small-settings.so describes its settings in a way this "
                "server cannot read"},
        Mistake{entry("future-store"),
                "4: plugin.use: PLUGINS/future-store.so offers freshet.store/3, and this server "
                "speaks freshet.store/0"},
        Mistake{entry("bad-default"),
                "4: plugin.use: PLUGINS/bad-default.so declares a setting \"cache\" that has a "
                "default that is not a number like \"64 KiB\" between 1 KiB and 1 MiB"}));

INSTANTIATE_TEST_SUITE_P(
    SettingsOf, LoadedWrong,
    testing::Values(
        Mistake{entry("chooser"),
                "5: plugin.settings.path: is missing, and chooser needs it: Where the data is."},
        Mistake{entry("chooser", "path = \"x\"\npaht = \"y\"\n"),
                "7: plugin.settings.paht: is no setting of chooser; did you mean \"path\"?"},
        Mistake{entry("keeper", "path = \"x\"\n"),
                "6: plugin.settings.path: is no setting of keeper, which has none"},
        Mistake{entry("chooser", "path = 5\n"),
                "6: plugin.settings.path: must be a text, not a number"},
        Mistake{entry("chooser", "path = \"x\"\ncache = 5\n"),
                "7: plugin.settings.cache: 5 B is out of bounds: must be a number like \"64 KiB\" "
                "between 1 KiB and 1 MiB"},
        Mistake{entry("chooser", "path = \"x\"\nwait = \"5 sec\"\n"),
                "7: plugin.settings.wait: \"5 sec\" is not a whole number like \"30 s\""},
        Mistake{entry("chooser", "path = \"x\"\nrooms = \"5\"\n"),
                "7: plugin.settings.rooms: must be a number between 1 and 100, not a text"},
        Mistake{entry("chooser", "path = \"x\"\nmode = \"val\"\n"),
                "7: plugin.settings.mode: \"val\" is none of \"wal\", \"memory\"; did you mean "
                "\"wal\"?"},
        Mistake{entry("chooser", "path = \"x\"\nfast = \"true\"\n"),
                "7: plugin.settings.fast: must be true or false, not a text"},
        Mistake{entry("chooser", "path = \"x\"\npeers = \"a\"\n"),
                "7: plugin.settings.peers: must be a list of texts, not a text: write [\"a\"]"},
        Mistake{entry("chooser", "path = \"x\"\npeers = [\"a\", 1]\n"),
                "7: plugin.settings.peers: must be a list of texts, not a list with a number in "
                "it"},
        Mistake{entry("chooser", "path = \"x\"\nsecret = [\"hunter2\"]\n"),
                "7: plugin.settings.secret: must be a text, not a list of texts"}));

INSTANTIATE_TEST_SUITE_P(
    Together, LoadedWrong,
    testing::Values(
        Mistake{entry("keeper") + entry("keeper"),
                "7: plugin.use: \"keeper\" is there already, in line 4"},
        Mistake{entry("keeper") + entry("keeper-too"),
                "7: plugin.use: \"keeper-too\" offers freshet.store/0, and so does \"keeper\" in "
                "line 4: there can be only one"},
        Mistake{entry("engine") + entry("engine-too"),
                "7: plugin.use: \"engine-too\" offers freshet.crdt/0, and so does \"engine\" in "
                "line 4: there can be only one"},
        Mistake{entry("taker"),
                "4: plugin.use: \"taker\" needs acme.thing/0, which no plugin of m.toml offers"},
        Mistake{entry("taker") + entry("giver"),
                "4: plugin.use: \"taker\" needs acme.thing/0, which \"giver\" offers in line 7: "
                "put that one first"},
        Mistake{entry("needs-store"),
                "4: plugin.use: \"needs-store\" needs freshet.store/0, which no plugin of m.toml "
                "offers: put a [[plugin]] before it, like use = \"store-sqlite\""}));

TEST_F(PluginHostTest, NamesEveryServiceAServerLacks) {
  EXPECT_EQ(load(local(entry("guard")), Composition::server),
            "m.toml:4: plugin: no plugin offers freshet.platform/0, which listens and keeps "
            "connections: add a [[plugin]] like use = \"platform-ws\"\n"
            "m.toml:4: plugin: no plugin offers freshet.crdt/0, which merges edits: add a "
            "[[plugin]] like use = \"crdt-native\"\n"
            "m.toml:4: plugin: no plugin offers freshet.store/0, which keeps rooms: add a "
            "[[plugin]] like use = \"store-sqlite\"\n"
            "m.toml:4: plugin: no plugin offers freshet.protocol/0, which speaks to clients: add "
            "a [[plugin]] like use = \"protocol-yjs\"\n");
}

TEST_F(PluginHostTest, SaysNothingOfWhatIsMissingWhileAPluginCannotBeRead) {
  EXPECT_EQ(load(local(entry("future-abi")), Composition::server).find("no plugin offers"),
            std::string::npos);
}

TEST_F(PluginHostTest, KeepsAServerWithoutAuthToThisMachine) {
  const std::string plugins = entry("world") + entry("engine") + entry("keeper");
  const std::string wide = "[server]\nlisten = [\"127.0.0.1:1\", \"0.0.0.0:1\"]\n";
  EXPECT_EQ(load(wide + plugins, Composition::server),
            "m.toml:2: server.listen: \"0.0.0.0:1\" is open to other machines, and no plugin asks "
            "who they are: add an auth plugin like \"auth-jwt\", or say open = true\n");
  host_ = std::make_unique<PluginHost>(log_, metrics_);
  EXPECT_EQ(load(wide + "open = true\n" + plugins, Composition::server), "");
  host_ = std::make_unique<PluginHost>(log_, metrics_);
  EXPECT_EQ(load(wide + plugins + entry("guard"), Composition::server), "");
}

TEST_F(PluginHostTest, SaysWhyAFileIsNoLibrary) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("freshet-host-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto file = folder / "text.so";
  std::ofstream(file) << "this is no library\n";
  const std::string told = load(local(entry(file.string())));
  std::filesystem::remove_all(folder);
  EXPECT_EQ(told.find("m.toml:4: plugin.use: " + file.string() + " cannot be loaded: "), 0U)
      << told;
  EXPECT_NE(told.find("file too short"), std::string::npos) << told;
}

// ---- what plugins say of their settings ---------------------------------------------------------

TEST_F(PluginHostTest, TellsWhatAPluginHasAgainstItsSettings) {
  EXPECT_EQ(load(local(entry("chooser", "path = \"x\"\n") +
                       entry("judge", "rooms = 5\npath = \"bad\"\n"))),
            "m.toml:9: plugin.settings.secret: is missed\n"
            "m.toml:9: plugin.settings: nothing here is\n"
            "m.toml:11: plugin.settings.path: \"bad\" is not to my taste\n");
  EXPECT_TRUE(log_.lines.empty()) << log_.lines.front();
}

TEST_F(PluginHostTest, CreatesAPluginThatLikesItsSettings) {
  ASSERT_EQ(load(local(entry("judge", "path = \"good\"\n"))), "");
  EXPECT_TRUE(log_.lines.empty()) << "nothing runs before create()";
  EXPECT_EQ(create(), "");
}

TEST_F(PluginHostTest, LeavesOutOfWhatAPluginSaysWhatMayBeASecret) {
  setenv("FRESHET_TEST_PATH", "hunter2", 1);
  EXPECT_EQ(load(local(entry("judge", "path = \"${FRESHET_TEST_PATH}\"\nsecret = \"s\"\n"))),
            "m.toml:5: plugin.settings: nothing here is\n"
            "m.toml:6: plugin.settings.path: the value is not to my taste\n"
            "m.toml:7: plugin.settings.secret: is missed\n");
  unsetenv("FRESHET_TEST_PATH");
}

// What the schema refuses has no value, so there is nothing to ask the plugin.
TEST_F(PluginHostTest, AsksAPluginOnlyAboutSettingsThatTheSchemaAllows) {
  EXPECT_EQ(load(local(entry("judge", "path = \"bad\"\nrooms = 500\n"))),
            "m.toml:7: plugin.settings.rooms: 500 is out of bounds: must be a number between 1 and "
            "100\n");
}

TEST_F(PluginHostTest, HasNoServicesWhileAPluginJudges) {
  const freshet_room room{};
  host_->offer(FRESHET_ROOM_ID, &room);
  ASSERT_EQ(load(local(entry("judge-early"))), "");
  EXPECT_EQ(log_.lines,
            (std::vector<std::string>{"judge-early: no service", "judge-early: no metric"}));
}

TEST_F(PluginHostTest, TakesAPluginOfATimeBeforePluginsJudged) {
  ASSERT_EQ(load(local(entry("judge-old"))), "");
  EXPECT_EQ(create(), "");
}

TEST_F(PluginHostTest, SurvivesAPluginThatJudgesOddly) {
  EXPECT_EQ(load(local(entry("judge-odd") + entry("throws-check") + entry("throws-check-odd"))),
            "m.toml:4: plugin.use: \"judge-odd\" cannot judge its settings (unknown); the log says "
            "why\n"
            "m.toml:7: plugin.use: \"throws-check\" cannot judge its settings (internal); the log "
            "says why\n"
            "m.toml:10: plugin.use: \"throws-check-odd\" cannot judge its settings (internal); the "
            "log says why\n");
  EXPECT_EQ(log_.lines,
            (std::vector<std::string>{
                "throws-check: check_settings threw: no such day",
                "throws-check-odd: check_settings threw something that is no std::exception"}));
}

TEST_F(PluginHostTest, BoundsWhatAPluginTells) {
  const std::string told = load(local(entry("judge-wild")));
  const std::string line = "m.toml:5: plugin.settings: ";
  EXPECT_TRUE(told.starts_with(
      "m.toml:4: plugin.use: \"judge-wild\" finds 938 more wrong with its "
      "settings\n" +
      line + "is\\nred\n" + line + "is refused, without a reason\n" + line + "xxxx"))
      << told;
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 65);
  EXPECT_LT(told.size(), 64 * 1100u);
  EXPECT_EQ(log_.lines, std::vector<std::string>{
                            "judge-wild: finds fault with a setting it does not declare: colour"});
}

TEST_F(PluginHostTest, TakesAnAppThatIsOlderThanWhatTablesGrewBy) {
  ASSERT_EQ(load(local(entry("older-app"))), "");
  EXPECT_EQ(create(), "");
  ASSERT_EQ(services_.apps.size(), 1U);
  EXPECT_FALSE(FRESHET_HAS(services_.apps[0].table, settled));
}

TEST_F(PluginHostTest, TakesAProtocolThatIsOlderThanWhatTablesGrewBy) {
  ASSERT_EQ(load(local(entry("older-wire"))), "");
  EXPECT_EQ(create(), "");
  ASSERT_EQ(services_.protocols.size(), 1U);
  EXPECT_FALSE(FRESHET_HAS(services_.protocols[0].table, example));
}

// ---- create ------------------------------------------------------------------------------------

TEST_F(PluginHostTest, EndsWhatItCreatedWhenALaterPluginDoesNotStart) {
  ASSERT_EQ(load(local(entry("engine") + entry("busy") + entry("guard"))), "");
  EXPECT_EQ(create(), "m.toml:7: plugin.use: \"busy\" does not start (retry); the log says why\n");
  EXPECT_EQ(host_->failure(), Status::retry);
  host_.reset();
  EXPECT_EQ(log_.lines, (std::vector<std::string>{"engine: created",
                                                  "busy: cannot start for a reason of its own",
                                                  "engine: destroyed"}));
}

TEST_F(PluginHostTest, SurvivesAPluginThatThrows) {
  ASSERT_EQ(load(local(entry("throws"))), "");
  EXPECT_EQ(create(),
            "m.toml:4: plugin.use: \"throws\" does not start (internal); the log says why\n");
  EXPECT_EQ(log_.lines.back(), "throws: a plugin call threw: no such day");
}

TEST_F(PluginHostTest, SurvivesAPluginThatThrowsThroughItsCFunction) {
  ASSERT_EQ(load(local(entry("throws-raw"))), "");
  EXPECT_EQ(create(),
            "m.toml:4: plugin.use: \"throws-raw\" does not start (internal); the log says why\n");
  EXPECT_EQ(log_.lines.back(), "throws-raw: create threw: no such day");
}

TEST_F(PluginHostTest, SurvivesWhatIsThrownThatIsNoException) {
  ASSERT_EQ(load(local(entry("throws-odd"))), "");
  EXPECT_EQ(create(),
            "m.toml:4: plugin.use: \"throws-odd\" does not start (internal); the log says why\n");
  EXPECT_EQ(log_.lines.back(), "throws-odd: create threw something that is no std::exception");
}

TEST_F(PluginHostTest, SurvivesAPluginThatThrowsWhenAskedForItsService) {
  ASSERT_EQ(load(local(entry("throws-service"))), "");
  EXPECT_EQ(create(),
            "m.toml:4: plugin.use: \"throws-service\" says it offers freshet.auth/0, but threw\n");
  EXPECT_EQ(log_.lines.back(), "throws-service: service threw: no such day");
}

TEST_F(PluginHostTest, EndsTheOthersWhenOneThrowsAtItsEnd) {
  ASSERT_EQ(load(local(entry("engine") + entry("throws-destroy"))), "");
  ASSERT_EQ(create(), "");
  host_.reset();
  EXPECT_EQ(log_.lines, (std::vector<std::string>{"engine: created",
                                                  "throws-destroy: destroy threw: no such day",
                                                  "engine: destroyed"}));
}

TEST(PluginPath, WithoutAnyFolderSaysHowToNameOne) {
  std::string reason;
  EXPECT_FALSE(PluginPath({}).find("keeper", reason));
  EXPECT_EQ(reason, "there is no plugin \"keeper\" in any folder: give server.plugin_path");
}

struct Lie {
  const char* plugin;
  std::string told;
};

class Liar : public PluginHostTest, public testing::WithParamInterface<Lie> {};

TEST_P(Liar, IsFoundOutBeforeItsServiceIsCalled) {
  ASSERT_EQ(load(local(entry(GetParam().plugin))), "");
  EXPECT_EQ(create(), "m.toml:4: plugin.use: \"" + std::string(GetParam().plugin) +
                          "\" says it offers freshet.store/0, but " + GetParam().told + "\n");
  host_.reset();
  EXPECT_EQ(log_.lines.back(), std::string(GetParam().plugin) + ": destroyed");
}

// A store without an outbox will do.
const std::string kHas =
    " bytes, and it has " + std::to_string(offsetof(freshet_store, outbox_add));

INSTANTIATE_TEST_SUITE_P(Services, Liar,
                         testing::Values(Lie{"no-table", "gives no table for it"},
                                         Lie{"small-table", "gives a table of 24" + kHas},
                                         Lie{"huge-table", "gives a table of 2147483647" + kHas},
                                         Lie{"no-append", "gives a table without append"}));

}  // namespace
}  // namespace freshet
