// A server whose plugins do what they should not: it goes on, or it ends and says whose fault it
// was. The plugins are those of tests/plugin-check, wrong in one way each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "cli_world.h"
#include "raw_client.h"
#include "sanitizer.h"

namespace freshet::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string broken(const std::string& name) {
  return std::string(std::getenv("FRESHET_BROKEN")) + "/" + name + ".so";
}

std::string entry(const std::string& use, const std::string& settings = "") {
  return "[[plugin]]\nuse = \"" + use + "\"\n" +
         (settings.empty() ? "" : "[plugin.settings]\n" + settings);
}

const std::string kHead =
    "[server]\nlisten = [\"unix:public.sock\"]\nadmin = \"unix:admin.sock\"\n";

class Guarded : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "a sanitizer has an opinion of its own on what is planted";
  }
  // A server with this store, and one shard.
  void with_store(const std::string& use, const std::string& limits = "") {
    manifest(limits + entry("platform-ws", "shards = 1\n") + entry("crdt-native") + entry(use) +
             entry("protocol-yjs"));
  }
  void manifest(const std::string& rest) { folder_.write("freshet.toml", kHead + rest); }
  std::filesystem::path path(const char* name) const { return folder_.path() / name; }

  TempFolder folder_;
};

// ---- at load

TEST_F(Guarded, WhatCrashesWhenItIsLoadedIsRefusedWithItsSignal) {
  with_store(broken("crashes_at_load"));
  const std::vector<std::string> commands[] = {{"check"}, {"serve"}, {"doctor"}, {"rooms", "list"}};
  for (const auto& command : commands) {
    const Outcome outcome = run(folder_, command);
    EXPECT_EQ(outcome.exit, kManifest);
    EXPECT_THAT(outcome.err,
                HasSubstr("freshet.toml:11: plugin.use: \"" + broken("crashes_at_load") +
                          "\" crashes when it is loaded (SIGSEGV), so it is not loaded; "
                          "`freshet plugin check` says more of it\n"));
  }
}

TEST_F(Guarded, WhatHangsWhenItIsLoadedIsRefused) {
  with_store(broken("hangs_at_load"));
  const Outcome outcome = run(folder_, {"serve"});
  EXPECT_EQ(outcome.exit, kManifest);
  EXPECT_THAT(outcome.err, HasSubstr("hangs_at_load.so\" does not come back from being loaded, for "
                                     "10 s, so it is not loaded"));
}

TEST_F(Guarded, WhatWasBuiltForANewerAbiIsRefusedWithBothVersions) {
  with_store(broken("newer_abi"));
  const Outcome outcome = run(folder_, {"serve"});
  EXPECT_EQ(outcome.exit, kManifest);
  EXPECT_THAT(outcome.err, HasSubstr("was built for ABI version 7, and this server speaks 0"));
}

// What only `freshet plugin check` can see harms no server at once: names that it shows meet
// nobody, and what it leaks or does not write is its own.
TEST_F(Guarded, WhatOnlyTheCheckerSeesIsServed) {
  for (const char* name : {"exports_more", "leaks", "leaves_threads", "writes_nothing"}) {
    with_store(broken(name));
    Served server(folder_, {"serve"});
    ASSERT_TRUE(server.says(" serves ")) << server.log();
    run(folder_, {"rooms", "delete", "a", "--yes"});
    EXPECT_EQ(run(folder_, {"rooms", "list"}).exit, kOk) << name;
    EXPECT_EQ(server.stop(), kOk) << name;
  }
}

// ---- in create

TEST_F(Guarded, WhatHangsInCreateIsNamedAndMayBeEnded) {
  with_store(broken("hangs_in_create"));
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says("waiting for store-whole.create, which has not returned for "))
      << server.log();
  EXPECT_EQ(server.stop(), kFailed);
  EXPECT_THAT(server.log(),
              HasSubstr("freshet: ended by SIGTERM while it waited for store-whole.create\n"));
}

TEST_F(Guarded, WhatCrashesInCreateIsNamed) {
  with_store(broken("crashes_in_create"));
  const Outcome outcome = run(folder_, {"serve"});
  EXPECT_EQ(outcome.exit, -1);
  EXPECT_THAT(outcome.err, HasSubstr("freshet: crashed (SIGSEGV) in "));
  EXPECT_THAT(outcome.err,
              HasSubstr("crashes_in_create.so, which was asked for store-whole.create, thread "));
}

TEST_F(Guarded, AHealthyStartSaysNothingOfAllThis) {
  with_store("store-sqlite");
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says(" serves ")) << server.log();
  EXPECT_THAT(get(path("public.sock"), "/healthz"), HasSubstr("\r\n\r\nok\n"));
  EXPECT_EQ(server.stop(), kOk);
  for (const char* word : {"waiting for", "come to its next turn", "safe mode", "ended by"}) {
    EXPECT_THAT(server.log(), Not(HasSubstr(word)));
  }
}

// ---- in a call

TEST_F(Guarded, WhatCrashesInACallEndsTheServerWithItsName) {
  with_store(broken("crashes_in_a_call"));
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says(" serves ")) << server.log();
  run(folder_, {"rooms", "backup", "copy"});
  EXPECT_TRUE(server.says("freshet: crashed (SIGSEGV) in ")) << server.log();
  EXPECT_THAT(
      server.log(),
      HasSubstr("crashes_in_a_call.so, which was asked for store-whole.backup, thread w:store"));
}

TEST_F(Guarded, WhatEndsTheProcessIsNamedAndThatIsNoSuccess) {
  with_store(broken("ends_the_process"));
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says(" serves ")) << server.log();
  run(folder_, {"rooms", "backup", "copy"});
  EXPECT_TRUE(server.says("freshet: ended by a call of exit() in store-whole.backup"))
      << server.log();
  EXPECT_EQ(server.stop(), kFailed);
}

TEST_F(Guarded, WhatThrowsIsNamedAndTheServerGoesOn) {
  with_store(broken("throws"));
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says(" serves ")) << server.log();
  run(folder_, {"rooms", "delete", "a", "--yes"});
  EXPECT_TRUE(server.says("store-whole.erase threw no luck")) << server.log();
  EXPECT_EQ(run(folder_, {"rooms", "list"}).exit, kOk);
  EXPECT_EQ(server.stop(), kOk);
}

TEST_F(Guarded, WhatDoesNotAnswerOrDoesNotReturnIsNamedAndTheServerGoesOn) {
  for (const char* name : {"never_answers", "hangs"}) {
    with_store(broken(name), "[limits]\nstore_deadline_ms = \"1 s\"\n");
    Served server(folder_, {"serve"});
    ASSERT_TRUE(server.says(" serves ")) << server.log();
    EXPECT_NE(run(folder_, {"rooms", "backup", "copy"}).exit, kOk);
    EXPECT_TRUE(server.says("store-whole.backup has not answered for ")) << server.log();
    EXPECT_THAT(get(path("public.sock"), "/healthz"), StartsWith("HTTP/1.1 200"));
  }
}

TEST_F(Guarded, WhatAnswersTwiceIsNamed) {
  with_store(broken("answers_twice"));
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says(" serves ")) << server.log();
  run(folder_, {"rooms", "delete", "a", "--yes"});
  EXPECT_TRUE(server.says("store-whole.erase answered a call that it had answered before"))
      << server.log();
  EXPECT_EQ(server.stop(), kOk);
}

TEST_F(Guarded, WhatAnswersNonsenseIsNamed) {
  with_store(broken("answers_nonsense"));
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says(" serves ")) << server.log();
  EXPECT_TRUE(server.says("store-whole.check answered \"internal\"")) << server.log();
  EXPECT_EQ(server.stop(), kOk);
}

// ---- on a shard

TEST_F(Guarded, WhatBlocksAShardIsNamedWhileHealthAnswers) {
  manifest(entry("platform-ws", "shards = 1\n") + entry("crdt-native") + entry("store-sqlite") +
           entry(broken("blocks_a_shard")));
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says(" serves ")) << server.log();
  const RawClient client(path("public.sock"));
  client.send(
      "GET /broken/r HTTP/1.1\r\nHost: admin\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  ASSERT_THAT(client.receive("\r\n\r\n"), StartsWith("HTTP/1.1 101"));
  client.send(frame(std::string(1'600'000, 'x')));  // eight seconds
  ASSERT_TRUE(server.says("shard 0 has not come to its next turn for ")) << server.log();
  EXPECT_THAT(server.log(),
              HasSubstr("ms: it is in protocol-broken.message; nobody in its rooms is served"));
  const std::string health = get(path("public.sock"), "/healthz", 2'000);
  EXPECT_THAT(health, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(health, HasSubstr("up, but shard 0 has not come to its next turn for "));
  EXPECT_THAT(health, HasSubstr("it is in protocol-broken.message\n"));
  EXPECT_THAT(get(path("public.sock"), "/readyz", 2'000), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(get(path("public.sock"), "/", 2'000), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(get(path("public.sock"), "/metrics", 2'000), Not(HasSubstr("freshet_shards")));
  EXPECT_THAT(get(path("admin.sock"), "/metrics", 2'000), HasSubstr("freshet_shards_hanging 1\n"));
  ASSERT_TRUE(server.says("shard 0 goes on, after ")) << server.log();
  EXPECT_THAT(server.log(), HasSubstr(" ms; it was in protocol-broken.message"));
  EXPECT_THAT(get(path("public.sock"), "/healthz"), HasSubstr("\r\n\r\nok\n"));
  EXPECT_THAT(get(path("public.sock"), "/readyz"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(server.stop(), kOk);
}

TEST_F(Guarded, AServiceManagerHearsThatTheServerIsAliveWhileItsShardsTurn) {
  with_store("store-sqlite");
  const int heard = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  path("notify").string().copy(at.sun_path, sizeof(at.sun_path) - 1);
  ASSERT_EQ(::bind(heard, reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
  Served server(folder_, {"serve"},
                {{"NOTIFY_SOCKET", path("notify")}, {"WATCHDOG_USEC", "600000"}});
  int alive = 0;
  while (alive < 2) {
    pollfd waiting{heard, POLLIN, 0};
    ASSERT_EQ(::poll(&waiting, 1, 10'000), 1);
    char bytes[512] = {};
    const ssize_t size = ::recv(heard, bytes, sizeof(bytes), 0);
    alive +=
        std::string_view(bytes, static_cast<size_t>(std::max<ssize_t>(size, 0))) == "WATCHDOG=1";
  }
  EXPECT_EQ(server.stop(), kOk);
  ::close(heard);
}

// ---- safe mode

TEST_F(Guarded, SafeModeServesWithoutWhatIsNotEssential) {
  manifest(entry("platform-ws") + entry("crdt-native") + entry("store-sqlite") +
           entry("protocol-yjs") + kAuth + entry(std::getenv("FRESHET_TYPED_APP")) +
           entry(broken("crashes_at_load")));
  EXPECT_EQ(run(folder_, {"serve"}, kSecret).exit, kManifest);
  Served server(folder_, {"serve", "--safe-mode"}, kSecret);
  ASSERT_TRUE(server.says(" serves ")) << server.log();
  EXPECT_THAT(server.log(), HasSubstr("safe mode: left out: "));
  EXPECT_THAT(server.log(), HasSubstr("typed-app.so, " + broken("crashes_at_load")));
  EXPECT_EQ(server.stop(), kOk);
}

// ---- signatures

class Signed : public Guarded {
 protected:
  // A folder of its own with the plugins of a small server.
  void SetUp() override {
    Guarded::SetUp();
    const std::filesystem::path built = std::getenv("FRESHET_PLUGINS");
    std::filesystem::create_directory(path("plugins"));
    for (const std::string name : {"platform-ws", "crdt-native", "store-sqlite", "protocol-yjs"}) {
      const std::string file = name + ".so";
      std::filesystem::copy_file(built / name / file, path("plugins") / file);
      files_.push_back("plugins/" + file);
      entries_ += entry(name);
    }
    const Outcome made = run(folder_, {"plugin", "keygen", "key"});
    ASSERT_EQ(made.exit, kOk) << made.err;
    key_ = made.out.substr(0, made.out.find('\n'));
    trust(key_);
  }
  void trust(const std::string& key) {
    manifest("plugin_path = [\"plugins\"]\nrequire_signed = true\ntrusted_keys = [\"" + key +
             "\"]\n" + entries_);
  }
  Outcome sign() {
    std::vector<std::string> words = {"plugin", "sign", "--key", "key"};
    words.insert(words.end(), files_.begin(), files_.end());
    return run(folder_, words);
  }

  std::string key_, entries_;
  std::vector<std::string> files_;
};

TEST_F(Signed, WhatNobodyHasSignedIsNotLoaded) {
  const Outcome outcome = run(folder_, {"serve"});
  EXPECT_EQ(outcome.exit, kManifest);
  EXPECT_THAT(outcome.err,
              HasSubstr("plugins/platform-ws.so is not signed, and server.require_signed says that "
                        "it has to be: `freshet plugin sign --key KEY plugins/platform-ws.so` "
                        "makes platform-ws.so.sig\n"));
}

TEST_F(Signed, WhatATrustedKeyHasSignedIsServed) {
  ASSERT_EQ(sign().exit, kOk);
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says(" serves ")) << server.log();
  EXPECT_EQ(server.stop(), kOk);
  EXPECT_EQ(run(folder_, {"plugin", "verify", "-m", "freshet.toml", files_[0]}).out,
            files_[0] + " is good\n");
  EXPECT_EQ(run(folder_, {"plugin", "verify", "--trust", "key.pub", files_[0]}).exit, kOk);
}

TEST_F(Signed, WhatWasChangedSinceIsNotLoaded) {
  ASSERT_EQ(sign().exit, kOk);
  folder_.write(files_[2], folder_.read(files_[2]) + "x");
  const Outcome outcome = run(folder_, {"serve"});
  EXPECT_EQ(outcome.exit, kManifest);
  EXPECT_THAT(outcome.err, HasSubstr("plugins/store-sqlite.so is not what the key "));
  EXPECT_THAT(outcome.err, HasSubstr(" has signed: it was changed since; sign it anew"));
  const Outcome verified = run(folder_, {"plugin", "verify", "--trust", key_, files_[2]});
  EXPECT_EQ(verified.exit, kFailed);
  EXPECT_THAT(verified.err, HasSubstr("is not what the key "));
}

TEST_F(Signed, WhatAKeyHasSignedThatIsNotTrustedIsNotLoaded) {
  ASSERT_EQ(sign().exit, kOk);
  const Outcome other = run(folder_, {"plugin", "keygen", "other"});
  trust(other.out.substr(0, other.out.find('\n')));
  const Outcome outcome = run(folder_, {"serve"});
  EXPECT_EQ(outcome.exit, kManifest);
  EXPECT_THAT(outcome.err, HasSubstr(", which is not trusted here: add its public key to "
                                     "server.trusted_keys"));
}

TEST_F(Signed, AKeyIsNeverWrittenOverAnother) {
  const Outcome again = run(folder_, {"plugin", "keygen", "key"});
  EXPECT_EQ(again.exit, kFailed);
  EXPECT_EQ(again.err, "key is there already\n");
}

}  // namespace
}  // namespace freshet::testing
