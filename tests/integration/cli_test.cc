// The command line as an operator has it: what is printed, and the exit codes of docs/cli.md.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "cli_world.h"

namespace freshet::testing {
namespace {

TEST_F(Cli, ExplainsItself) {
  const Outcome help = freshet({"--help"});
  EXPECT_EQ(help.exit, kOk);
  for (const char* word : {"serve", "check", "plugins", "token", "rooms", "outbox", "migrate",
                           "schema", "plugin", "Exit codes"}) {
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
        {"outbox"},
        {"outbox", "show"},
        {"outbox", "drop"},
        {"outbox", "replay", "x"},
        {"plugin"},
        {"plugin", "new"},
        {"plugin", "new", "notes-store", "--kind", "stor"},
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

TEST_F(Cli, SaysWhichWordItDoesNotKnowAndWhichWasMeant) {
  EXPECT_TRUE(
      freshet({"srve"}).err.starts_with("there is no command \"srve\"; did you mean \"serve\"?\n"));
  EXPECT_TRUE(freshet({"rooms", "lst"})
                  .err.starts_with("there is no command \"rooms lst\"; did you mean \"list\"?\n"));
  EXPECT_TRUE(
      freshet({"rooms", "list", "--jsn"})
          .err.starts_with("there is no option \"rooms list --jsn\"; did you mean \"--json\"?\n"));
  EXPECT_TRUE(freshet({"rooms"}).err.starts_with(
      "rooms does nothing by itself; it takes one of: list, show,"));
  const std::string alone = freshet({}).err;
  for (const char* word : {"freshet serve", "freshet --help"})
    EXPECT_NE(alone.find(word), std::string::npos) << alone;
}

TEST_F(Cli, CompletesItsOwnWords) {
  folder_.write(
      "try.sh",
      freshet({"completion", "bash"}).out +
          "COMP_WORDS=(freshet rooms l); COMP_CWORD=2; _freshet; echo \"${COMPREPLY[@]}\"\n"
          "COMP_WORDS=(freshet rooms list --j); COMP_CWORD=3; _freshet; echo "
          "\"${COMPREPLY[@]}\"\n");
  EXPECT_EQ(std::system(("bash " + (folder_.path() / "try.sh").string() + " >" +
                         (folder_.path() / "said").string())
                            .c_str()),
            0);
  EXPECT_EQ(folder_.read("said"), "list\n--json\n");
  for (const char* shell : {"zsh", "fish"})
    EXPECT_NE(freshet({"completion", shell}).out.find("rooms"), std::string::npos);
  EXPECT_EQ(freshet({"completion", "tcsh"}).exit, kUsage);
}

TEST_F(Cli, ServesByAManifestOfItsOwnWhereThereIsNone) {
  std::filesystem::remove(folder_.path() / "freshet.toml");
  const Outcome good = freshet({"check"});
  EXPECT_EQ(good.exit, kOk) << good.err;
  EXPECT_TRUE(good.out.starts_with("the built-in manifest: good: platform-ws ")) << good.out;
  // What was named has to be there, and so has what other commands use.
  EXPECT_EQ(freshet({"check", "freshet.toml"}).exit, kManifest);
  EXPECT_EQ(freshet({"serve", "freshet.toml"}).exit, kManifest);
  EXPECT_EQ(freshet({"rooms", "list"}).exit, kManifest);
}

TEST_F(Cli, ShowsAnOutboxThatIsEmpty) {
  for (const char* command : {"topics", "list", "dead"}) {
    const Outcome outcome = freshet({"outbox", command});
    EXPECT_EQ(outcome.exit, kOk) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_EQ(freshet({"outbox", "replay"}).out, "0\n");
  EXPECT_EQ(freshet({"outbox", "drop", "--yes"}).out, "0\n");
  EXPECT_EQ(freshet({"outbox", "show", "1"}).exit, kNotFound);
  const Outcome none = freshet({"outbox", "replay", "--topic", "t", "7"});
  EXPECT_EQ(none.exit, kNotFound);
  EXPECT_EQ(none.err, "there is no dead entry 7\n");
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
    EXPECT_TRUE(
        bad.err.starts_with("bad.toml:3: server.opne: is no setting; did you mean \"open\"?\n"
                            "bad.toml:15: plugin.root: is none of use, settings, limits and "
                            "essential; what a plugin is told goes into "
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

// The plugins of a usual manifest, with one entry left out or replaced.
std::string with(const std::string& entry, const std::string& by) {
  std::string plugins = kPlugins;
  return plugins.replace(plugins.find(entry), entry.size(), by);
}

const std::string kStore =
    "[[plugin]]\nuse = \"store-sqlite\"\n[plugin.settings]\npath = \"data/freshet.db\"\n";

// A stub of the host's tests, by its file.
std::string stub(const std::string& name) {
  return "[[plugin]]\nuse = \"" + std::string(std::getenv("FRESHET_TEST_PLUGINS")) + "/" + name +
         ".so\"\n";
}

struct Composition {
  std::string manifest;
  std::string told;
};

// A manifest of one's own that is no server: checked or served, the same words.
TEST_F(Cli, SaysWhatAServerOfOnesOwnLacks) {
  const Composition wrong[] = {
      {kServer + with("[[plugin]]\nuse = \"platform-ws\"\n", ""),
       "own.toml:12: plugin: no plugin offers freshet.platform/0, which listens and keeps "
       "connections: add a [[plugin]] like use = \"platform-ws\"\n"},
      {kServer + with("[[plugin]]\nuse = \"crdt-native\"\n", ""),
       "own.toml:12: plugin: no plugin offers freshet.crdt/0, which merges edits: add a [[plugin]] "
       "like use = \"crdt-native\"\n"},
      {kServer + with(kStore, ""),
       "own.toml:10: plugin: no plugin offers freshet.store/0, which keeps rooms: add a [[plugin]] "
       "like use = \"store-sqlite\"\n"},
      {kServer + with("[[plugin]]\nuse = \"protocol-yjs\"\n", ""),
       "own.toml:10: plugin: no plugin offers freshet.protocol/0, which speaks to clients: add a "
       "[[plugin]] like use = \"protocol-yjs\"\n"},
      {kServer + kPlugins + "[[plugin]]\nuse = \"crdt-native\"\n",
       "own.toml:16: plugin.use: \"crdt-native\" is there already, in line 8\n"},
      {kServer + stub("keeper") + kPlugins,
       "own.toml:12: plugin.use: \"store-sqlite\" offers freshet.store/0, and so does \"keeper\" "
       "in "
       "line 5: there can be only one\n"},
      {kServer + with("path = \"data/freshet.db\"\n", "paht = \"data/freshet.db\"\n"),
       "own.toml:12: plugin.settings.paht: is no setting of store-sqlite; did you mean "
       "\"path\"?\n"},
      {"[server]\nlisten = [\"0.0.0.0:0\"]\n" + kPlugins,
       "own.toml:2: server.listen: \"0.0.0.0:0\" is open to other machines, and no plugin asks who "
       "they are: add an auth plugin like \"auth-jwt\", or say open = true\n"},
  };
  for (const auto& [manifest, told] : wrong) {
    folder_.write("own.toml", manifest);
    for (const char* command : {"check", "serve"}) {
      const Outcome outcome = freshet({command, "own.toml"});
      EXPECT_EQ(outcome.exit, kManifest) << command << ": " << outcome.err;
      EXPECT_EQ(outcome.out, "") << command;
      EXPECT_EQ(outcome.err, told) << command;
    }
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "data"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "admin.sock"));
}

// What only starting can find out: what a plugin has against its settings alone is in
// plugin_settings_test.cc. `told` is one line of the log.
TEST_F(Cli, SaysWhyAServerOfOnesOwnDoesNotStart) {
  folder_.write("file", "");
  folder_.write("notes.txt", "these are notes, and no database" + std::string(200, '.'));
  const auto platform = [](const std::string& settings) {
    return with("[[plugin]]\nuse = \"platform-ws\"\n",
                "[[plugin]]\nuse = \"platform-ws\"\n[plugin.settings]\n" + settings);
  };
  const Composition wrong[] = {
      {kServer + with("data/freshet.db", "notes.txt"),
       "store notes.txt: this is no SQLite database. If it ever was a Freshet store it is damaged: "
       "restore a backup. It has not been touched\n"},
      {kServer + with("data/freshet.db", "file/freshet.db"),
       "store file/freshet.db: cannot make its directory: Not a directory\n"},
      {"[server]\nlisten = [\"tls:127.0.0.1:0\"]\n" + kPlugins,
       "cannot listen on \"tls:127.0.0.1:0\": the settings cert and key are needed\n"},
      {"[server]\nlisten = [\"tls:127.0.0.1:0\"]\n" +
           platform("cert = \"none.pem\"\nkey = \"none.pem\"\n"),
       "cannot listen on \"tls:127.0.0.1:0\": cert \"none.pem\": "},
  };
  for (const auto& [manifest, told] : wrong) {
    folder_.write("own.toml", manifest);
    const Outcome outcome = freshet({"serve", "own.toml"});
    EXPECT_EQ(outcome.exit, kManifest) << outcome.err;
    EXPECT_NE(outcome.err.find("\nown.toml:"), std::string::npos)
        << "no line is named: " << outcome.err;
    EXPECT_NE((outcome.out + outcome.err).find(told), std::string::npos)
        << told << "is not in\n"
        << outcome.out << outcome.err;
  }
}

// A manifest of one's own that is a server: it says so, and answers.
TEST_F(Cli, ServesWhatIsComposedWell) {
  const std::string memory =
      "[[plugin]]\nuse = \"" + std::string(std::getenv("FRESHET_TEMPLATE_STORE")) + "\"\n";
  const std::string good[] = {
      with("path = \"data/freshet.db\"\n", ""),  // a setting left to its default
      with(kStore, memory),                      // a store that is not ours
      kPlugins + kAuth,                          // a plugin more
  };
  folder_.write("u.bin", kUpdate);
  for (const std::string& plugins : good) {
    folder_.write("freshet.toml", kServer + plugins);
    EXPECT_EQ(freshet({"check"}, kSecret).exit, kOk);
    Served server(folder_, {"serve"}, kSecret);
    ASSERT_TRUE(server.says("serves freshet.toml")) << server.log();
    EXPECT_EQ(freshet({"rooms", "import", "a", "u.bin", "--yes"}, kSecret).exit, kOk);
    EXPECT_EQ(freshet({"rooms", "export", "a", "--json"}, kSecret).out, "{\"t\":\"hello\"}\n")
        << plugins;
    EXPECT_EQ(server.stop(), kOk) << server.log();
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

TEST_F(Cli, LeavesAStoreAloneThatAServerHolds) {
  folder_.write("freshet.toml", "[server]\nlisten = [\"127.0.0.1:0\"]\n" + kPlugins);
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says("serves freshet.toml")) << server.log();
  const Outcome list = freshet({"rooms", "list"});
  EXPECT_EQ(list.exit, kBusy);
  EXPECT_NE(list.err.find("give its manifest an admin address"), std::string::npos) << list.err;
  EXPECT_EQ(freshet({"serve"}).exit, kBusy);
}

TEST_F(Cli, MakesNoTokenForARoomThatNoClientCanOpen) {
  folder_.write("freshet.toml", kServer + kPlugins + kAuth);
  const Outcome outcome = freshet({"token", "--room", "two\nlines", "--user", "u"}, kSecret);
  EXPECT_EQ(outcome.exit, kUsage);
  EXPECT_EQ(outcome.err, "--room: the room's name has a line break or another control character\n");
  EXPECT_EQ(freshet({"token", "--room", "docs/**", "--user", "u"}, kSecret).exit, kOk);
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

TEST_F(Cli, SaysThatItsPortIsTaken) {
  Served first(folder_, {"serve"});
  ASSERT_TRUE(first.says("listening on 127.0.0.1:")) << first.log();
  const size_t at = first.log().find("listening on 127.0.0.1:") + std::strlen("listening on ");
  const std::string address = first.log().substr(at, first.log().find('\n', at) - at);
  folder_.write("own.toml",
                "[server]\nlisten = [\"" + address + "\"]\n" + with("data/freshet.db", "other.db"));
  const Outcome second = freshet({"serve", "own.toml"});
  EXPECT_EQ(second.exit, kFailed) << second.err;
  EXPECT_NE((second.out + second.err)
                .find("cannot listen on \"" + address + "\": bind: Address already in use\n"),
            std::string::npos)
      << second.out << second.err;
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

TEST_F(Cli, MakesATokenForPluvClientsWhereASecretForThemIs) {
  const std::vector<std::string> asked = {"token", "--room", "a", "--user", "b", "--pluv"};
  folder_.write("freshet.toml", kServer + kPlugins + kAuth);
  const Outcome none = freshet(asked, kSecret);
  EXPECT_EQ(none.exit, kFailed);
  EXPECT_EQ(none.err, "the auth plugin makes no pluv tokens: auth-jwt does with a pluv_secret\n");

  folder_.write("freshet.toml",
                kServer + kPlugins + kAuth + "pluv_secret = \"${FRESHET_TEST_SECRET}\"\n");
  const Outcome made = freshet(asked, kSecret);
  ASSERT_EQ(made.exit, kOk) << made.err;
  EXPECT_EQ(std::count(made.out.begin(), made.out.end(), '.'), 4) << "an encrypted one has 5 parts";
}

// Real settings, each wrong in its own way: by type, by value, or for the plugin itself. The
// manifest is refused, and what it was given is not repeated, whether it came by a variable or as
// it is.
TEST_F(Cli, NeverPrintsASecret) {
  const std::string secret = "a-secret-that-nobody-may-ever-see-anywhere",
                    brief = "hunter2-is-short";
  const std::string auth = "[[plugin]]\nuse = \"auth-jwt\"\n[plugin.settings]\n";
  const std::string variable = "\"${FRESHET_TEST_SECRET}\"";
  const Composition wrong[] = {
      {"secret = [" + variable + "]\n", "plugin.settings.secret: must be a text, not a list"},
      {"leeway_ms = " + variable + "\n",
       "plugin.settings.leeway_ms: the value is not a whole number like \"30 s\"\n"},
      {"exp_required = " + variable + "\n",
       "plugin.settings.exp_required: must be true or false, not a text\n"},
      {"default_permission = " + variable + "\n",
       "plugin.settings.default_permission: must be one of \"read-only\", \"read-write\"\n"},
      {"old_secrets = \"" + brief + "\"\n",
       "plugin.settings.old_secrets: must be a list of texts, not a text\n"},
      {"secret = \"" + brief + "\"\n",
       "secret: 16 bytes; HS256 needs at least 32 (openssl rand -base64 32)\n"},
      {"pluv_secret = " + variable + "\napi_key = \"" + brief + "\"\n",
       "api_key: shorter than 32 bytes (openssl rand -base64 32)\n"},
      {"secret_base64 = " + variable + "\n", "secret_base64: it is not base64\n"},
      {"signing_key = " + variable + "\n",
       "signing_key: no -----BEGIN PRIVATE KEY----- block that can be read"},
  };
  for (const auto& [settings, told] : wrong) {
    folder_.write("freshet.toml", kServer + kPlugins + auth + settings);
    for (const char* command : {"check", "serve"}) {
      const Outcome outcome = freshet({command}, {{"FRESHET_TEST_SECRET", secret}});
      const std::string said = outcome.out + outcome.err;
      EXPECT_EQ(outcome.exit, kManifest) << said;
      EXPECT_NE(said.find(told), std::string::npos) << told << "is not in\n" << said;
      EXPECT_EQ(said.find(secret), std::string::npos) << said;
      EXPECT_EQ(said.find(brief), std::string::npos) << said;
    }
  }
}

}  // namespace
}  // namespace freshet::testing
