// The command line as an operator has it: what is printed, and the exit codes of docs/cli.md.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "process.h"

namespace freshet::testing {
namespace {

constexpr int kOk = 0, kFailed = 1, kUsage = 2, kManifest = 3, kNotFound = 4, kBusy = 5;

const std::string kPlugins = R"(
[[plugin]]
use = "platform-ws"
[[plugin]]
use = "crdt-native"
[[plugin]]
use = "store-sqlite"
[plugin.settings]
path = "data/freshet.db"
[[plugin]]
use = "protocol-yjs"
)";
const std::string kServer = "[server]\nlisten = [\"127.0.0.1:0\"]\nadmin = \"unix:admin.sock\"\n";
const std::string kAuth = R"(
[[plugin]]
use = "auth-jwt"
[plugin.settings]
secret = "${FRESHET_TEST_SECRET}"
)";
const Variables kSecret = {{"FRESHET_TEST_SECRET", "not-a-secret-but-32-bytes-long-or-more"}};

// A document whose text "t" is "hello": one Yjs update, written by hand from the format.
constexpr char kHello[] = "\x01\x01\x01\x00\x04\x01\x01t\x05hello\x00";
const std::string kUpdate(kHello, sizeof(kHello) - 1);

class Cli : public ::testing::Test {
 protected:
  Cli() { folder_.write("freshet.toml", kServer + kPlugins); }

  Outcome freshet(const std::vector<std::string>& arguments, const Variables& variables = {}) {
    return run(folder_, arguments, variables);
  }

  TempFolder folder_;
};

TEST_F(Cli, ExplainsItself) {
  const Outcome help = freshet({"--help"});
  EXPECT_EQ(help.exit, kOk);
  for (const char* word : {"serve", "check", "plugins", "token", "rooms", "Exit codes"}) {
    EXPECT_NE(help.out.find(word), std::string::npos) << word;
  }
  const Outcome version = freshet({"--version"});
  EXPECT_EQ(version.exit, kOk);
  EXPECT_TRUE(version.out.starts_with("freshet ")) << version.out;
  EXPECT_EQ(freshet({"rooms", "--help"}).exit, kOk);
}

TEST_F(Cli, RefusesACommandLineItDoesNotUnderstand) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"srve"},
        {"rooms"},
        {"serve", "a", "b"},
        {"check", "--fast"},
        {"rooms", "delete", "a"},
        {"rooms", "show"},
        {"token", "--room", "a"},
        {"token", "--room", "a", "--user", "b", "--expires", "soon"}}) {
    const Outcome outcome = freshet(arguments);
    EXPECT_EQ(outcome.exit, kUsage) << outcome.out << outcome.err;
    EXPECT_NE(outcome.err, "");
  }
  EXPECT_NE(freshet({"token", "--room", "a", "--user", "b", "--expires", "soon"})
                .err.find("\"soon\" is no time like 10min, 1h, 30d"),
            std::string::npos);
}

TEST_F(Cli, JudgesAManifestWithoutStartingAnything) {
  const Outcome good = freshet({"check"});
  EXPECT_EQ(good.exit, kOk) << good.err;
  EXPECT_TRUE(good.out.starts_with("freshet.toml: good: platform-ws ")) << good.out;
  EXPECT_NE(good.out.find("warning: no auth plugin"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "data"));
}

TEST_F(Cli, TellsEveryMistakeOfAManifestOnALineOfItsOwn) {
  folder_.write("bad.toml", "[server]\nlisten = [\"0.0.0.0:0\"]\nopne = true\n" + kPlugins +
                                "root = \"/\"\n[[plugin]]\nuse = \"protocol-yjz\"\n");
  for (const char* command : {"check", "serve"}) {
    const Outcome bad = freshet({command, "bad.toml"});
    EXPECT_EQ(bad.exit, kManifest);
    EXPECT_EQ(bad.out, "");
    EXPECT_TRUE(bad.err.starts_with(
        "bad.toml:3: server.opne: is no setting; did you mean \"open\"?\n"
        "bad.toml:15: plugin.root: is neither use nor settings; what a plugin is told goes into "
        "[plugin.settings]\n"
        "bad.toml:17: plugin.use: there is no plugin \"protocol-yjz\" in "))
        << bad.err;
    EXPECT_TRUE(bad.err.ends_with("; did you mean \"protocol-yjs\"?\n")) << bad.err;
  }
}

TEST_F(Cli, NamesAManifestThatIsNotThere) {
  const Outcome none = freshet({"check", "none.toml"});
  EXPECT_EQ(none.exit, kManifest);
  EXPECT_EQ(none.err, "none.toml:1: cannot be read: No such file or directory\n");
}

struct Composition {
  std::string plugins;
  std::string told;
};

// A manifest of one's own ends in the right server or the right message.
TEST_F(Cli, SaysWhatAServerOfOnesOwnLacks) {
  const auto without = [](std::string plugins, const std::string& entry) {
    plugins.erase(plugins.find(entry), entry.size());
    return plugins;
  };
  const Composition wrong[] = {
      {without(kPlugins, "[[plugin]]\nuse = \"platform-ws\"\n"),
       "no plugin offers freshet.platform/0"},
      {without(kPlugins, "[[plugin]]\nuse = \"crdt-native\"\n"), "no plugin offers freshet.crdt/0"},
      {without(kPlugins, "[[plugin]]\nuse = \"protocol-yjs\"\n"),
       "no plugin offers freshet.protocol/0"},
      {without(kPlugins, "path = \"data/freshet.db\"\n") + "", ""},
      {kPlugins + "[[plugin]]\nuse = \"crdt-native\"\n",
       "\"crdt-native\" is there already, in line 8"},
      {"[[plugin]]\nuse = \"" + std::string(std::getenv("FRESHET_TEST_PLUGINS")) +
           "/keeper.so\"\n" + kPlugins,
       "\"store-sqlite\" offers freshet.store/0, and so does \"keeper\" in line 5: there can be "
       "only one"},
  };
  for (const auto& [plugins, told] : wrong) {
    folder_.write("own.toml", kServer + plugins);
    const Outcome outcome = freshet({"check", "own.toml"});
    EXPECT_EQ(outcome.exit, told.empty() ? kOk : kManifest) << outcome.err;
    EXPECT_NE(outcome.err.find(told), std::string::npos) << outcome.err;
  }
}

TEST_F(Cli, DoesNotStartWhenAPluginDoesNot) {
  const std::string folder = std::getenv("FRESHET_TEST_PLUGINS");
  folder_.write("own.toml",
                kServer + kPlugins + "[[plugin]]\nuse = \"" + folder + "/throws.so\"\n");
  const Outcome outcome = freshet({"serve", "own.toml"});
  EXPECT_EQ(outcome.exit, kManifest);
  EXPECT_NE(outcome.err.find("throws        a plugin call threw: no such day"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("\"throws\" does not start (internal); the log says why"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "admin.sock"));
}

TEST_F(Cli, ListsPluginsWithTheirSettings) {
  const Outcome own = freshet({"plugins"});
  EXPECT_EQ(own.exit, kOk) << own.err;
  for (const char* words :
       {"store-sqlite ", "platform-ws ", "offers: freshet.crdt/0", "    path: a text", "(MIT)"}) {
    EXPECT_NE(own.out.find(words), std::string::npos) << words;
  }
  const Outcome odd = freshet({"plugins", "--path", std::getenv("FRESHET_TEST_PLUGINS")});
  EXPECT_EQ(odd.exit, kManifest) << "not all of them are plugins";
  EXPECT_NE(odd.out.find("    cache: a number like \"64 KiB\" between 1 KiB and 1 MiB; default 64 "
                         "KiB\n        Memory.\n"),
            std::string::npos)
      << odd.out;
  EXPECT_NE(odd.out.find("    secret: a text; secret\n"), std::string::npos);
  EXPECT_NE(odd.err.find("future-abi.so was built for ABI version 7, and this server speaks 0"),
            std::string::npos)
      << odd.err;
  const Outcome none = freshet({"plugins", "--path", "empty"});
  EXPECT_EQ(none.exit, kFailed);
  EXPECT_EQ(none.err, "no plugins in empty\n");
}

// ---- rooms -------------------------------------------------------------------------------------

// The same story, told to a server or to the store itself.
class CliRooms : public Cli, public ::testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    if (!GetParam()) return;
    server_ = std::make_unique<Served>(folder_, std::vector<std::string>{"serve"});
    ASSERT_TRUE(server_->says("serves freshet.toml")) << server_->log();
  }

  std::unique_ptr<Served> server_;
};

TEST_P(CliRooms, AreImportedShownExportedAndDeleted) {
  folder_.write("u.bin", kUpdate);
  EXPECT_EQ(freshet({"rooms", "list"}).out, "");
  const Outcome imported = freshet({"rooms", "import", "a b/\xc3\xa9?", "u.bin", "--yes"});
  ASSERT_EQ(imported.exit, kOk) << imported.err;

  EXPECT_EQ(freshet({"rooms", "list"}).out, std::to_string(kUpdate.size()) + "\ta b/\xc3\xa9?\n");
  const auto shown = nlohmann::json::parse(freshet({"rooms", "show", "a b/\xc3\xa9?"}).out);
  EXPECT_EQ(shown["name"], "a b/\xc3\xa9?");
  EXPECT_EQ(shown["stored"]["snapshot_bytes"], kUpdate.size());
  EXPECT_EQ(freshet({"rooms", "export", "a b/\xc3\xa9?", "--json"}).out, "{\"t\":\"hello\"}\n");
  EXPECT_EQ(freshet({"rooms", "export", "a b/\xc3\xa9?", "-o", "out.bin"}).exit, kOk);
  EXPECT_EQ(folder_.read("out.bin"), kUpdate);

  EXPECT_EQ(freshet({"rooms", "delete", "a b/\xc3\xa9?", "--yes"}).exit, kOk);
  EXPECT_EQ(freshet({"rooms", "list"}).out, "");
}

TEST_P(CliRooms, AreListedInPagesByName) {
  folder_.write("u.bin", kUpdate);
  for (const char* room : {"c", "a", "b"}) {
    ASSERT_EQ(freshet({"rooms", "import", room, "u.bin", "--yes"}).exit, kOk);
  }
  EXPECT_EQ(freshet({"rooms", "list", "--limit", "2"}).out, "15\ta\n15\tb\n");
  EXPECT_EQ(freshet({"rooms", "list", "--after", "a"}).out, "15\tb\n15\tc\n");
  EXPECT_EQ(freshet({"rooms", "list", "--json", "--after", "b"}).out,
            "{\"bytes\":15,\"name\":\"c\"}\n");
}

TEST_P(CliRooms, ThatAreNotThereAreNotFound) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"rooms", "show", "no"},
                                                    {"rooms", "export", "no", "--json"},
                                                    {"rooms", "delete", "no", "--yes"}}) {
    const Outcome outcome = freshet(arguments);
    EXPECT_EQ(outcome.exit, kNotFound);
    EXPECT_EQ(outcome.err, "there is no room \"no\"\n");
  }
}

TEST_P(CliRooms, AreNotImportedFromWhatIsNoUpdate) {
  folder_.write("text.bin", "this is no update");
  folder_.write("empty.bin", "");
  const Outcome text = freshet({"rooms", "import", "a", "text.bin", "--yes"});
  EXPECT_EQ(text.exit, kFailed);
  EXPECT_NE(text.err.find("is not an update"), std::string::npos) << text.err;
  for (const char* file : {"empty.bin", "none.bin"}) {
    const Outcome outcome = freshet({"rooms", "import", "a", file, "--yes"});
    EXPECT_EQ(outcome.exit, kFailed);
    EXPECT_EQ(outcome.err, std::string(file) + ": cannot be read, or is empty\n");
  }
  EXPECT_EQ(freshet({"rooms", "list"}).out, "");
}

TEST_P(CliRooms, AreBackedUpToAFileThatIsNotThereYet) {
  folder_.write("u.bin", kUpdate);
  ASSERT_EQ(freshet({"rooms", "import", "a", "u.bin", "--yes"}).exit, kOk);
  EXPECT_EQ(freshet({"rooms", "backup", "copy.db"}).exit, kOk);
  EXPECT_EQ(folder_.read("copy.db").substr(0, 15), "SQLite format 3");
  EXPECT_EQ(freshet({"rooms", "backup", "copy.db"}).exit, kFailed);
}

INSTANTIATE_TEST_SUITE_P(Of, CliRooms, ::testing::Bool(),
                         [](const auto& about) { return about.param ? "AServer" : "TheStore"; });

TEST_F(Cli, LeavesAStoreAloneThatAServerHolds) {
  folder_.write("freshet.toml", "[server]\nlisten = [\"127.0.0.1:0\"]\n" + kPlugins);
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says("serves freshet.toml")) << server.log();
  const Outcome list = freshet({"rooms", "list"});
  EXPECT_EQ(list.exit, kBusy);
  EXPECT_NE(list.err.find("give its manifest an admin address"), std::string::npos) << list.err;
  EXPECT_EQ(freshet({"serve"}).exit, kBusy);
}

// ---- serve -------------------------------------------------------------------------------------

TEST_F(Cli, ServesUntilItIsToldToStop) {
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says("no auth plugin: whoever reaches it may edit any room"));
  ASSERT_TRUE(server.says("listening on 127.0.0.1:"));
  ASSERT_TRUE(server.says("serves freshet.toml")) << server.log();
  EXPECT_EQ(server.stop(), kOk) << server.log();
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "admin.sock"));
}

TEST_F(Cli, LogsInJsonWhenAsked) {
  folder_.write("json.toml", kServer + "log = \"json\"\n" + kPlugins);
  Served server(folder_, {"serve", "json.toml"});
  ASSERT_TRUE(server.says("serves json.toml")) << server.log();
  EXPECT_EQ(server.stop(), kOk);
  std::istringstream lines(server.log());
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
}

TEST_F(Cli, SaysWhichAddressItCannotListenOn) {
  folder_.write("file", "");
  folder_.write("freshet.toml", "[server]\nlisten = [\"unix:file/clients.sock\"]\n" + kPlugins);
  const Outcome outcome = freshet({"serve"});
  EXPECT_EQ(outcome.exit, kFailed);
  EXPECT_NE(outcome.err.find("unix:file/clients.sock"), std::string::npos) << outcome.err;
}

// ---- token -------------------------------------------------------------------------------------

std::string decoded(std::string_view base64url) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const char c : base64url) {
    bits = bits << 6 | static_cast<uint32_t>(kAlphabet.find(c));
    if ((count += 6) >= 8) out += static_cast<char>(bits >> (count -= 8));
  }
  return out;
}

nlohmann::json claims_in(const std::string& token) {
  const size_t first = token.find('.'), second = token.find('.', first + 1);
  return nlohmann::json::parse(decoded(token.substr(first + 1, second - first - 1)));
}

TEST_F(Cli, MakesATokenAndPrintsNothingElse) {
  folder_.write("freshet.toml", kServer + kPlugins + kAuth);
  const Outcome made =
      freshet({"token", "--room", "plans", "--user", "ann", "--expires", "10min"}, kSecret);
  ASSERT_EQ(made.exit, kOk) << made.err;
  EXPECT_EQ(std::count(made.out.begin(), made.out.end(), '\n'), 1);
  EXPECT_EQ(std::count(made.out.begin(), made.out.end(), '.'), 2);
  const auto claims = claims_in(made.out);
  EXPECT_EQ(claims["room"], "plans");
  EXPECT_EQ(claims["user"]["id"], "ann");
  EXPECT_EQ(claims["permission"], "read-write");
  EXPECT_EQ(claims["exp"].get<int64_t>() - claims["iat"].get<int64_t>(), 600);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "data")) << "only auth is created";
}

TEST_F(Cli, TakesAUserAndClaimsAsJson) {
  folder_.write("freshet.toml", kServer + kPlugins + kAuth);
  const Outcome made = freshet({"token", "--room", "*", "--user", R"({"id":"bo","name":"Bo"})",
                                "--read-only", "--claims", R"({"aud":"x"})"},
                               kSecret);
  ASSERT_EQ(made.exit, kOk) << made.err;
  const auto claims = claims_in(made.out);
  EXPECT_EQ(claims["user"]["name"], "Bo");
  EXPECT_EQ(claims["permission"], "read");
  EXPECT_EQ(claims["aud"], "x");
}

TEST_F(Cli, MakesNoTokenFromWhatIsNone) {
  folder_.write("freshet.toml", kServer + kPlugins + kAuth);
  const Outcome user = freshet({"token", "--room", "a", "--user", "{\"name\":1}"}, kSecret);
  EXPECT_EQ(user.exit, kUsage);
  EXPECT_EQ(user.err, "--user: must be an id, or a JSON object with a text \"id\"\n");
  const Outcome secret = freshet({"token", "--room", "a", "--user", "b"});
  EXPECT_EQ(secret.exit, kManifest);
  EXPECT_NE(secret.err.find("needs the environment variable FRESHET_TEST_SECRET, which is not set"),
            std::string::npos);
  folder_.write("freshet.toml", kServer + kPlugins);
  const Outcome none = freshet({"token", "--room", "a", "--user", "b"});
  EXPECT_EQ(none.exit, kManifest);
  EXPECT_EQ(none.err,
            "freshet.toml:1: plugin: no plugin offers freshet.auth/0: add a [[plugin]] "
            "like use = \"auth-jwt\"\n");
}

TEST_F(Cli, NeverPrintsASecret) {
  const std::string secret = "a-secret-that-nobody-may-ever-see-anywhere";
  folder_.write("freshet.toml", kServer + kPlugins + kAuth +
                                    "leeway = \"${FRESHET_TEST_SECRET}\"\n" +
                                    "private_key = [\"${FRESHET_TEST_SECRET}\"]\n");
  for (const char* command : {"check", "serve"}) {
    const Outcome outcome = freshet({command}, {{"FRESHET_TEST_SECRET", secret}});
    EXPECT_EQ(outcome.exit, kManifest);
    EXPECT_EQ((outcome.out + outcome.err).find(secret), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace freshet::testing
