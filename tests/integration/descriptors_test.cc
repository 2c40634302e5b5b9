// A start with fewer descriptors than it takes: one line says what it was doing, how many there may
// be, and who can allow more, wherever it was.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <string>

#include "cli_world.h"
#include "sanitizer.h"

namespace freshet::testing {
namespace {

// More than any of these servers takes, whatever the test itself was started with.
constexpr rlim_t kEnough = 100;

const std::string kTwoShards = R"(
[[plugin]]
use = "platform-ws"
[plugin.settings]
shards = 2
[[plugin]]
use = "crdt-native"
[[plugin]]
use = "store-sqlite"
[[plugin]]
use = "protocol-yjs"
)";

size_t count(const std::string& in, const std::string& what) {
  size_t n = 0;
  for (size_t at = 0; (at = in.find(what, at)) != std::string::npos; at += what.size()) ++n;
  return n;
}

class Descriptors : public Cli {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "a sanitizer opens a pipe to see what may be read";
  }

  void expect_words(const std::string& log, rlim_t most) {
    const std::string words = "Too many open files: this process may have " + std::to_string(most) +
                              "; allow it more with ulimit -n, or LimitNOFILE= of systemd";
    EXPECT_EQ(count(log, "Too many open files"), 1u) << most << ": " << log;
    EXPECT_EQ(count(log, words), 1u) << most << ": " << log;
    EXPECT_EQ(count(log, "a plugin call threw"), 0u) << most << ": " << log;
  }

  // With ever more of them, until they are no longer what is in its way. How often they were.
  int starve(const std::string& manifest) {
    folder_.write("own.toml", manifest);
    int starved = 0;
    told_.clear();
    for (rlim_t most = 4; most < kEnough; ++most) {
      std::filesystem::remove_all(folder_.path() / "data");
      Served server(folder_, {"serve", "own.toml"}, kSecret, {{RLIMIT_NOFILE, most, most}});
      const bool started = server.says("serves own.toml");
      const int exit = server.stop();
      EXPECT_EQ(exit == kOk, started) << server.log();
      // The loader of programs has words of its own, before there is a program.
      if (server.log().find("error while loading shared libraries") != std::string::npos) continue;
      if (started || server.log().find("open files") == std::string::npos) return starved;
      ++starved;
      expect_words(server.log(), most);
      told_ += server.log();
    }
    ADD_FAILURE() << "there were never enough";
    return starved;
  }
  void expect_told(const std::string& doing) {
    EXPECT_NE(told_.find(doing), std::string::npos) << doing << "is not in\n" << told_;
  }

  std::string told_;
};

TEST_F(Descriptors, OfLoopsStoreAndListenersAreAskedForByName) {
  EXPECT_GT(
      starve("[server]\nlisten = [\"127.0.0.1:0\"]\nadmin = \"unix:admin.sock\"\n" + kTwoShards),
      8);
  expect_told("cannot make the event loops of 2 shards: ");
  expect_told("store data/freshet.db: cannot ");
  expect_told("cannot listen on \"127.0.0.1:0\": ");
  expect_told("cannot listen on \"unix:admin.sock\": ");
}

TEST_F(Descriptors, OfAnOldSocketInTheWayAreNoSignOfSomebodyWhoListens) {
  {
    Served killed(folder_, {"serve"});
    ASSERT_TRUE(killed.says("serves freshet.toml")) << killed.log();
  }
  ASSERT_TRUE(std::filesystem::exists(folder_.path() / "admin.sock"));
  starve("[server]\nlisten = [\"unix:admin.sock\"]\n" + kTwoShards);
  expect_told("cannot listen on \"unix:admin.sock\": socket: ");
}

TEST_F(Descriptors, OfAListenerWithANameAreAskedForByName) {
  starve("[server]\nlisten = [\"localhost:0\"]\n" + kTwoShards);
  expect_told("cannot listen on \"localhost:0\": ");
}

// Behind the store, so that these are what there are too few for.
TEST_F(Descriptors, OfWhatElsePluginsOpenAreAskedForByName) {
  folder_.write("file", "no key");
  const std::string server = "[server]\nlisten = [\"unix:public.sock\"]\n" + kTwoShards;
  for (const std::string key : {"public_key_path", "signing_key_path", "jwks"}) {
    starve(server + "[[plugin]]\nuse = \"auth-jwt\"\n[plugin.settings]\n" + key + " = \"file\"\n");
    expect_told(key + ": file: ");
  }
  const std::string hook =
      "[[plugin]]\nuse = \"app-webhook\"\n[plugin.settings]\nurl = \"https://example.org\"\n";
  starve(server + hook + "secret_file = \"file\"\n");
  expect_told("secret_file: file: ");
  starve(server + hook + "secret = \"s\"\nca_file = \"file\"\n");
  expect_told("ca_file: file: ");
  expect_told("libcurl does not start: ");
}

TEST_F(Descriptors, ThatTheServerMayTakeByItselfItTakes) {
  Served server(folder_, {"serve"}, {}, {{RLIMIT_NOFILE, 5, 1024}});
  EXPECT_TRUE(server.says("serves freshet.toml")) << server.log();
  EXPECT_EQ(server.stop(), kOk);
}

}  // namespace
}  // namespace freshet::testing
