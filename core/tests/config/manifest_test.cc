// What a person reads who wrote something wrong into a manifest.
#include "core/config/manifest.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/config/limits_schema.h"

namespace freshet {
namespace {

Environment fixed_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    if (name == "PORT") return "4747";
    if (name == "YES") return "true";
    if (name == "SECRET") return "hunter2hunter2";
    return std::nullopt;
  };
}

struct Read {
  Manifest manifest;
  std::string problems;
};

Read read(std::string_view toml) {
  Problems problems("m.toml");
  Manifest manifest = parse_manifest("m.toml", toml, fixed_environment(), problems);
  return {std::move(manifest), problems.text()};
}

TEST(Manifest, ComposesAServer) {
  const auto [m, problems] = read(R"([server]
listen = ["127.0.0.1:${PORT}", "unix:data/clients.sock"]
admin = "unix:data/admin.sock"
open = true
log = "json"
log_level = "debug"
plugin_path = ["build/plugins"]

[limits]
rooms = 5
update_bytes = "2 MiB"
linger_ms = "1 min"

[[plugin]]
use = "store-sqlite"
[plugin.settings]
path = "data/freshet.db"

[[plugin]]
use = "./mine/app.so"
)");
  EXPECT_EQ(problems, "");
  EXPECT_EQ(m.server.listen,
            (std::vector<std::string>{"127.0.0.1:4747", "unix:data/clients.sock"}));
  EXPECT_EQ(m.server.admin, "unix:data/admin.sock");
  EXPECT_TRUE(m.server.open);
  EXPECT_EQ(m.server.log, LogFormat::json);
  EXPECT_EQ(m.server.log_level, FRESHET_DEBUG);
  EXPECT_EQ(m.limits.rooms, 5U);
  EXPECT_EQ(m.limits.update_bytes, size_t{2} << 20);
  EXPECT_EQ(m.limits.linger_ms, 60'000U);
  EXPECT_EQ(m.limits.batch_updates, Limits{}.batch_updates);
  ASSERT_EQ(m.plugins.size(), 2U);
  EXPECT_EQ(m.plugins[0].use, "store-sqlite");
  EXPECT_EQ(m.plugins[0].line, 15U);
  ASSERT_EQ(m.plugins[0].settings.size(), 1U);
  EXPECT_EQ(m.plugins[0].settings[0].key, "path");
  EXPECT_EQ(m.plugins[1].use, "./mine/app.so");
}

TEST(Manifest, LeavesOutWhatItDoesNotSay) {
  const auto [m, problems] = read("[server]\nlisten = [\"127.0.0.1:1\"]\n");
  EXPECT_EQ(problems, "");
  EXPECT_EQ(m.server.admin, "");
  EXPECT_FALSE(m.server.open);
  EXPECT_EQ(m.server.log_level, FRESHET_INFO);
}

struct Miswritten {
  const char* toml;
  const char* told;
};

class WrittenWrong : public testing::TestWithParam<Miswritten> {};

TEST_P(WrittenWrong, IsToldWithFileLineKeyAndReason) {
  EXPECT_EQ(read(GetParam().toml).problems, GetParam().told);
}

#define KEY "admin_key = \"0123456789abcdef\"\n"
#define LISTEN "[server]\nlisten = [\"127.0.0.1:1\"]\n"

INSTANTIATE_TEST_SUITE_P(
    Toml, WrittenWrong,
    testing::Values(
        Miswritten{"[server\n",
                   "m.toml:1: is not TOML: Error while parsing table header: expected "
                   "']', saw '\\n'\n"},
        Miswritten{LISTEN "open = true\nopen = false\n",
                   "m.toml:4: is not TOML: Error while parsing key-value pair: cannot redefine "
                   "existing boolean 'open'\n"},
        Miswritten{"\xff\xfe", "m.toml:1: is not TOML: Encountered invalid utf-8 sequence\n"},
        Miswritten{LISTEN "[limts]\n",
                   "m.toml:3: limts: is no section; did you mean \"limits\"?\n"},
        Miswritten{LISTEN "[database]\n",
                   "m.toml:3: database: is no section; known are: server, limits, plugin\n"},
        Miswritten{LISTEN "[plugin]\nuse = \"x\"\n",
                   "m.toml:3: plugin: must be written [[plugin]], with two brackets\n"},
        Miswritten{"server = 5\n",
                   "m.toml:1: server: must be the section [server], not a number\n"},
        Miswritten{"[[server]]\n",
                   "m.toml:1: server: must be the section [server], not a list\n"}));

INSTANTIATE_TEST_SUITE_P(
    Server, WrittenWrong,
    testing::Values(
        Miswritten{"",
                   "m.toml:1: server.listen: is missing: Addresses for clients, like "
                   "\"127.0.0.1:4747\".\n"},
        Miswritten{LISTEN "opne = true\n",
                   "m.toml:3: server.opne: is no setting; did you mean \"open\"?\n"},
        Miswritten{
            LISTEN "colour = 1\n",
            "m.toml:3: server.colour: is no setting; known are: listen, admin, admin_public, "
            "admin_key, admin_hosts, metrics, open, log, log_level, veto_on_late, plugin_path, "
            "require_signed, trusted_keys\n"},
        Miswritten{LISTEN "open = \"yes\"\n",
                   "m.toml:3: server.open: must be true or false, not a text\n"},
        Miswritten{LISTEN "open = 1\n",
                   "m.toml:3: server.open: must be true or false, not a number\n"},
        Miswritten{LISTEN "admin = 1.5\n",
                   "m.toml:3: server.admin: must be a text, not a number with a point\n"},
        Miswritten{LISTEN "admin = 2020-01-01\n",
                   "m.toml:3: server.admin: must be a text, not a date or time\n"},
        Miswritten{LISTEN "log = \"jsn\"\n",
                   "m.toml:3: server.log: \"jsn\" is none of \"text\", \"json\"; did you mean "
                   "\"json\"?\n"},
        Miswritten{LISTEN "log_level = \"loud\"\n",
                   "m.toml:3: server.log_level: \"loud\" is none of \"debug\", \"info\", \"warn\", "
                   "\"error\"\n"},
        Miswritten{"[server]\nlisten = \"127.0.0.1:1\"\n",
                   "m.toml:2: server.listen: must be a list of texts, not a text: write "
                   "[\"127.0.0.1:1\"]\n"},
        Miswritten{"[server]\nlisten = [4747]\n",
                   "m.toml:2: server.listen: must be a list of texts, not a list with a number in "
                   "it\n"},
        Miswritten{"[server]\nlisten = []\n", "m.toml:2: server.listen: names no address\n"},
        Miswritten{"[server]\nlisten = [\"127.0.0.1:1\", \"127.0.0.1:1\"]\n",
                   "m.toml:2: server.listen: \"127.0.0.1:1\" is there twice\n"},
        Miswritten{"[server]\nlisten = [\"example.org:1\"]\n",
                   "m.toml:2: server.listen: \"example.org:1\" has no IP address: write one like "
                   "127.0.0.1:4747, or localhost\n"},
        Miswritten{LISTEN "admin = \"127.0.0.1\"\n",
                   "m.toml:3: server.admin: \"127.0.0.1\" has no port: write 127.0.0.1:4747\n"},
        Miswritten{LISTEN "admin = \"\"\n", "m.toml:3: server.admin: is empty\n"},
        Miswritten{LISTEN "admin = \"127.0.0.1:1\"\n" KEY,
                   "m.toml:3: server.admin: is an address of server.listen, too\n"},
        Miswritten{LISTEN "admin = \"0.0.0.0:9000\"\n" KEY,
                   "m.toml:3: server.admin: \"0.0.0.0:9000\" is open to other machines: use unix:, "
                   "127.0.0.1, or say admin_public = true\n"},
        Miswritten{LISTEN "admin = \"127.0.0.1:9000\"\n",
                   "m.toml:1: server.admin_key: is missing, and whoever reaches "
                   "\"127.0.0.1:9000\" could read and erase every room: say admin_key = "
                   "\"${FRESHET_ADMIN_KEY}\", of 16 characters or more, or use a socket like "
                   "admin = \"unix:data/admin.sock\"\n"},
        Miswritten{LISTEN "admin = \"127.0.0.1:9000\"\nadmin_key = \"hunter2\"\n",
                   "m.toml:4: server.admin_key: is shorter than 16 characters: `openssl rand -hex "
                   "16` makes one\n"},
        Miswritten{LISTEN "metrics = \"9090\"\n",
                   "m.toml:3: server.metrics: \"9090\" has no port: write 127.0.0.1:4747\n"},
        Miswritten{LISTEN "metrics = \"127.0.0.1:1\"\n",
                   "m.toml:3: server.metrics: is an address of server.listen, too\n"},
        Miswritten{LISTEN "admin = \"\\u0000\"\n",
                   "m.toml:3: server.admin: has a NUL character\n"}));

INSTANTIATE_TEST_SUITE_P(
    LimitsSection, WrittenWrong,
    testing::Values(
        Miswritten{LISTEN "[limits]\nroms = 5\n",
                   "m.toml:4: limits.roms: is no setting; did you mean \"rooms\"?\n"},
        Miswritten{LISTEN "[limits]\nlinger = \"5 s\"\n",
                   "m.toml:4: limits.linger: is no setting; did you mean \"linger_ms\"?\n"},
        Miswritten{LISTEN "[limits]\nrooms = 0\n",
                   "m.toml:4: limits.rooms: 0 is out of bounds: must be a number between 1 and "
                   "10000000\n"},
        Miswritten{LISTEN "[limits]\nrooms = \"5\"\n",
                   "m.toml:4: limits.rooms: must be a number between 1 and 10000000, not a text\n"},
        Miswritten{LISTEN "[limits]\nupdate_bytes = 10\n",
                   "m.toml:4: limits.update_bytes: 10 B is out of bounds: must be a number like "
                   "\"64 KiB\" between 1 KiB and 64 MiB\n"},
        Miswritten{
            LISTEN "[limits]\nupdate_bytes = \"2 s\"\n",
            "m.toml:4: limits.update_bytes: \"2 s\" is not a whole number like \"64 KiB\"\n"},
        Miswritten{LISTEN "[limits]\nlinger_ms = \"2 MiB\"\n",
                   "m.toml:4: limits.linger_ms: \"2 MiB\" is not a whole number like \"30 s\"\n"},
        Miswritten{LISTEN "[limits]\nlinger_ms = \"99999999999999999999 s\"\n",
                   "m.toml:4: limits.linger_ms: \"99999999999999999999 s\" is too large\n"},
        Miswritten{LISTEN "[limits]\nreader_bytes = \"64 MiB\"\n",
                   "m.toml:3: limits.reader_bytes: is above reader_hard_bytes\n"},
        Miswritten{LISTEN "[limits]\nretry_min_ms = \"1 h\"\n",
                   "m.toml:3: limits.retry_min_ms: is above retry_max_ms\n"},
        Miswritten{LISTEN "[limits]\nupdate_bytes = \"8 MiB\"\ndocument_bytes = \"4 MiB\"\n",
                   "m.toml:3: limits.update_bytes: is above document_bytes\n"}));

INSTANTIATE_TEST_SUITE_P(
    PluginEntry, WrittenWrong,
    testing::Values(
        Miswritten{LISTEN "[[plugin]]\n",
                   "m.toml:3: plugin.use: is missing: say which plugin, like \"store-sqlite\"\n"},
        Miswritten{LISTEN "[[plugin]]\nuse = 5\n",
                   "m.toml:4: plugin.use: must be a plugin's id, or the path of its file\n"},
        Miswritten{LISTEN "[[plugin]]\nuse = \"\"\n",
                   "m.toml:4: plugin.use: must be a plugin's id, or the path of its file\n"},
        Miswritten{LISTEN "[[plugin]]\nuse = \"x\"\npath = \"y\"\n",
                   "m.toml:5: plugin.path: is none of use, settings, limits and essential; what a "
                   "plugin is told goes "
                   "into [plugin.settings]\n"},
        Miswritten{LISTEN "[[plugin]]\nuse = \"x\"\n[plugin.setings]\n",
                   "m.toml:5: plugin.setings: is none of use, settings, limits and essential; what "
                   "a plugin is told "
                   "goes into [plugin.settings]; did you mean \"settings\"?\n"},
        Miswritten{LISTEN "[[plugin]]\nuse = \"x\"\nessential = 1\n",
                   "m.toml:5: plugin.essential: must be true or false, not a number\n"},
        Miswritten{LISTEN "[[plugin]]\nuse = \"x\"\n[plugin.limits]\nwhile_open = \"yes\"\n",
                   "m.toml:6: plugin.limits.while_open: \"yes\" is none of \"refuse\", "
                   "\"read\", \"read-write\"\n"},
        Miswritten{LISTEN "[[plugin]]\nuse = \"x\"\nsettings = 5\n",
                   "m.toml:5: plugin.settings: must be the section [plugin.settings], not a "
                   "number\n"}));

INSTANTIATE_TEST_SUITE_P(
    Trust, WrittenWrong,
    testing::Values(
        Miswritten{LISTEN "require_signed = true\n",
                   "m.toml:1: server.trusted_keys: is missing, and server.require_signed needs "
                   "one\n"},
        Miswritten{LISTEN "require_signed = true\ntrusted_keys = [\"x\"]\n",
                   "m.toml:4: server.trusted_keys: \"x\" is no key like \"freshet-key:...\"; "
                   "`freshet plugin keygen` makes one\n"},
        Miswritten{LISTEN "trusted_keys = [\"freshet-key:"
                          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"]\n",
                   "m.toml:3: server.trusted_keys: is of no use without require_signed = "
                   "true\n"}));

INSTANTIATE_TEST_SUITE_P(
    Variables, WrittenWrong,
    testing::Values(
        Miswritten{
            LISTEN "admin = \"${NOPE}\"\n",
            "m.toml:3: server.admin: needs the environment variable NOPE, which is not set\n"},
        Miswritten{
            LISTEN "admin = \"${NOPE\"\n",
            "m.toml:3: server.admin: has a ${ that does not begin a ${NAME}; write $${ for a "
            "plain ${\n"},
        Miswritten{
            LISTEN "[[plugin]]\nuse = \"x\"\n[plugin.settings]\nsecret = \"${NOPE}\"\n",
            "m.toml:6: plugin.settings.secret: needs the environment variable NOPE, which is "
            "not set\n"},
        // What a variable holds may be a secret in the wrong place.
        Miswritten{LISTEN "log = \"${SECRET}\"\n",
                   "m.toml:3: server.log: must be one of \"text\", \"json\"\n"},
        Miswritten{LISTEN "admin = \"${SECRET}\"\n",
                   "m.toml:3: server.admin: what its variable holds has no port: write "
                   "127.0.0.1:4747\n"},
        Miswritten{LISTEN "metrics = \"${SECRET}\"\n",
                   "m.toml:3: server.metrics: what its variable holds has no port: write "
                   "127.0.0.1:4747\n"},
        Miswritten{"[server]\nlisten = [\"${SECRET}\"]\n",
                   "m.toml:2: server.listen: what its variable holds has no port: write "
                   "127.0.0.1:4747\n"},
        Miswritten{LISTEN "require_signed = true\ntrusted_keys = [\"${SECRET}\"]\n",
                   "m.toml:4: server.trusted_keys: what its variable holds is no key like "
                   "\"freshet-key:...\"; `freshet plugin keygen` makes one\n"},
        Miswritten{LISTEN "[limits]\nrooms = \"${SECRET}\"\n",
                   "m.toml:4: limits.rooms: the value is not a whole number like 1000\n"}));

TEST(Manifest, SaysHowMuchOfAPluginTheServerPutsUpWith) {
  Problems problems("m.toml");
  const Manifest manifest = parse_manifest("m.toml", R"([server]
listen = ["127.0.0.1:1"]
[[plugin]]
use = "auth-mine"
essential = true
[plugin.limits]
calls = 16
deadline_ms = "2 s"
failures = 5
while_open = "read"
[[plugin]]
use = "app-mine"
)",
                                           process_environment(), problems);
  EXPECT_EQ(problems.text(), "");
  ASSERT_EQ(manifest.plugins.size(), 2u);
  const PluginLimits& said = manifest.plugins[0].limits;
  EXPECT_TRUE(manifest.plugins[0].essential);
  EXPECT_EQ(said.calls, 16u);
  EXPECT_EQ(said.deadline_ms, 2'000u);
  EXPECT_EQ(said.failures, 5u);
  EXPECT_EQ(said.pause_ms, 10'000u);
  EXPECT_EQ(said.while_open, PluginLimits::WhileOpen::read);
  const PluginLimits& none = manifest.plugins[1].limits;
  EXPECT_FALSE(manifest.plugins[1].essential);
  EXPECT_EQ(none.calls + none.deadline_ms + none.failures, 0u);
  EXPECT_EQ(none.while_open, PluginLimits::WhileOpen::refuse);
}

TEST(Manifest, TellsAllMistakesAtOnceInTheOrderOfTheFile) {
  EXPECT_EQ(read(R"([[plugin]]
use = "x"
typo = 1
[server]
listen = ["nowhere"]
log = 5
[limits]
rooms = "many"
)")
                .problems,
            "m.toml:3: plugin.typo: is none of use, settings, limits and essential; what a plugin "
            "is told goes into "
            "[plugin.settings]\n"
            "m.toml:5: server.listen: \"nowhere\" has no port: write 127.0.0.1:4747\n"
            "m.toml:6: server.log: must be one of \"text\", \"json\", not a number\n"
            "m.toml:8: limits.rooms: must be a number between 1 and 10000000, not a text\n");
}

TEST(Manifest, TakesNumbersAndFlagsFromTheEnvironment) {
  const auto [m, problems] = read(LISTEN "open = \"${YES}\"\n[limits]\nrooms = \"${PORT}\"\n");
  EXPECT_EQ(problems, "");
  EXPECT_TRUE(m.server.open);
  EXPECT_EQ(m.limits.rooms, 4747U);
}

TEST(Manifest, MayShowItsRoomsToOtherMachinesIfItSaysSo) {
  EXPECT_EQ(read(LISTEN "admin = \"0.0.0.0:9000\"\nadmin_public = true\n" KEY).problems, "");
}

TEST(Manifest, HasTheKeyAndTheNamesOfItsAdmin) {
  const auto [m, problems] =
      read(LISTEN
           "admin = \"127.0.0.1:9000\"\nadmin_hosts = [\"ops.example\"]\nmetrics = "
           "\"0.0.0.0:9090\"\n" KEY);
  EXPECT_EQ(problems, "");
  EXPECT_EQ(m.server.admin_key, "0123456789abcdef");
  EXPECT_EQ(m.server.admin_hosts, std::vector<std::string>{"ops.example"});
  EXPECT_EQ(m.server.metrics, "0.0.0.0:9090");
}

TEST(Manifest, ShowsControlCharactersOfAKeyAsText) {
  EXPECT_EQ(read(LISTEN "[\"a\\u001b[31m\"]\n").problems,
            "m.toml:3: a\\x1b[31m: is no section; known are: server, limits, plugin\n");
}

TEST(Manifest, BoundsWhatItReads) {
  EXPECT_EQ(read(std::string(kMaxManifestBytes + 1, '#')).problems,
            "m.toml:1: is larger than 1 MiB: not a manifest\n");
  std::string plugins = LISTEN;
  for (size_t i = 0; i <= kMaxPlugins; ++i) plugins += "[[plugin]]\nuse = \"x\"\n";
  EXPECT_EQ(read(plugins).problems, "m.toml:3: plugin: more than 64 plugins\n");
  std::string addresses;
  for (size_t i = 0; i <= kMaxListeners; ++i) {
    addresses += "\"127.0.0.1:" + std::to_string(1000 + i) + "\", ";
  }
  EXPECT_EQ(read("[server]\nlisten = [" + addresses + "]\n").problems,
            "m.toml:2: server.listen: more than 64 addresses\n");
}

TEST(Manifest, SaysWhyItsFileCannotBeRead) {
  Problems problems("/nowhere/m.toml");
  read_manifest("/nowhere/m.toml", fixed_environment(), problems);
  EXPECT_EQ(problems.text(), "/nowhere/m.toml:1: cannot be read: No such file or directory\n");
  const std::string folder = std::filesystem::temp_directory_path().string();
  Problems of_folder(folder);
  read_manifest(folder, fixed_environment(), of_folder);
  EXPECT_EQ(of_folder.text(), folder + ":1: cannot be read: Is a directory\n");
}

// A manifest that wants a variable, beside a file of the package's service that has it.
struct BesideSecrets : ::testing::Test {
  BesideSecrets() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "freshet-secrets-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
    std::ofstream(folder / "m.toml") << "[server]\nadmin_key = \"${HIDDEN}\"\n";
    std::ofstream(folder / "secrets") << "HIDDEN=1234\n";
  }
  ~BesideSecrets() override {
    EXPECT_EQ(::seteuid(user_), 0);
    std::filesystem::remove_all(folder);
  }
  void become_one_who_may_not_read_it() {
    std::filesystem::permissions(folder / "secrets", std::filesystem::perms(0));
    if (user_ == 0) {
      EXPECT_EQ(::seteuid(65534), 0);
    }
  }
  std::string problems() {
    Problems problems("m.toml");
    read_manifest((folder / "m.toml").string(), fixed_environment(), problems);
    return problems.text();
  }

  std::filesystem::path folder;

 private:
  const uid_t user_ = ::geteuid();
};

TEST_F(BesideSecrets, AVariableIsFound) {
  EXPECT_NE(problems().find("HIDDEN, which is not set; " + (folder / "secrets").string() +
                            " has it: `set -a; . /"),
            std::string::npos)
      << problems();
}

TEST_F(BesideSecrets, AVariableMayBeInWhatOthersRead) {
  become_one_who_may_not_read_it();
  EXPECT_NE(problems().find("HIDDEN, which is not set; " + (folder / "secrets").string() +
                            " may have it, which this user may not read"),
            std::string::npos)
      << problems();
}

TEST(LimitsSchema, HoldsEveryDefaultWithinItsBounds) {
  for (const auto& setting : limits_schema()) {
    const int64_t value = limit_value(Limits{}, setting.key);
    EXPECT_GE(value, setting.min) << setting.key;
    EXPECT_LE(value, setting.max) << setting.key;
    EXPECT_NE(setting.help, nullptr) << setting.key;
  }
  EXPECT_EQ(schema_fault(limits_schema()), "");
}

}  // namespace
}  // namespace freshet
