// What a plugin refuses of its settings, whatever the world is like: `freshet check` says it in the
// words and at the place that `freshet serve` does, and neither makes anything.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "cli_world.h"

namespace freshet::testing {
namespace {

// `told`: one line each; the line of the manifest is left out, as it is that of the key.
struct Wrong {
  std::string plugin;
  std::string settings;
  std::vector<std::pair<std::string, std::string>> told;
};

std::string entry(const std::string& use, const std::string& settings) {
  return "[[plugin]]\nuse = \"" + use + "\"\n[plugin.settings]\n" + settings;
}

// A server that has this entry last.
std::string with_last(const std::string& use, const std::string& settings) {
  std::string out = kServer;
  for (const char* other : {"platform-ws", "crdt-native", "store-sqlite", "protocol-yjs"}) {
    if (use != other) out += entry(other, "");
  }
  return out + entry(use, settings);
}

// Where the last entry says `key`; where its settings begin, if it does not.
size_t line_of(const std::string& manifest, const std::string& key) {
  const size_t begin = manifest.rfind("[plugin.settings]");
  const size_t found = manifest.find("\n" + key + " =", begin);
  const size_t at = key.empty() || found == manifest.npos ? begin : found + 1;
  return 1 + static_cast<size_t>(
                 std::count(manifest.begin(), manifest.begin() + static_cast<ptrdiff_t>(at), '\n'));
}

class PluginSettings : public Cli {
 protected:
  void expect_refused(const Wrong& wrong) {
    const std::string manifest = with_last(wrong.plugin, wrong.settings);
    std::string told;
    for (const auto& [key, reason] : wrong.told) {
      told += "own.toml:" + std::to_string(line_of(manifest, key)) + ": plugin.settings" +
              (key.empty() ? "" : "." + key) + ": " + reason + "\n";
    }
    folder_.write("own.toml", manifest);
    for (const char* command : {"check", "serve"}) {
      const Outcome outcome = freshet({command, "own.toml"}, kSecret);
      EXPECT_EQ(outcome.exit, kManifest) << command << " " << wrong.settings << outcome.err;
      EXPECT_EQ(outcome.out, "") << command << " " << wrong.settings;
      EXPECT_EQ(outcome.err, told) << command << " " << wrong.settings;
    }
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "data"));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "admin.sock"));
  }
  void expect_good(const std::string& plugin, const std::string& settings) {
    folder_.write("own.toml", with_last(plugin, settings));
    const Outcome outcome = freshet({"check", "own.toml"}, kSecret);
    EXPECT_EQ(outcome.exit, kOk) << settings << outcome.err;
  }
};

TEST_F(PluginSettings, OfThePlatform) {
  const char* origin =
      " is no origin; write \"https://example.com\", without a path, \"file://\" or \"null\"";
  expect_refused({"platform-ws",
                  "origins = [\"app.example.com\", \"https://good.example\", \"https://a/b\"]\n",
                  {{"origins", "\"app.example.com\"" + std::string(origin)},
                   {"origins", "\"https://a/b\"" + std::string(origin)}}});
  expect_refused(
      {"platform-ws",
       "trusted_proxies = [\"10.0.0.0/99\", \"unix\", \"proxy\"]\n",
       {{"trusted_proxies", "\"10.0.0.0/99\" is neither an address, a network nor \"unix\""},
        {"trusted_proxies", "\"proxy\" is neither an address, a network nor \"unix\""}}});
  expect_refused({"platform-ws",
                  "heartbeat_ms = \"30 s\"\nidle_timeout_ms = \"20 s\"\n",
                  {{"idle_timeout_ms",
                    "must be longer than heartbeat_ms: a quiet peer speaks only when pinged"}}});
  expect_refused({"platform-ws",
                  "heartbeat_ms = \"2 min\"\n",  // over a default
                  {{"idle_timeout_ms",
                    "must be longer than heartbeat_ms: a quiet peer speaks only when pinged"}}});
}

TEST_F(PluginSettings, OfTheProtocols) {
  for (const auto& [plugin, key] : {std::pair("protocol-yjs", "route"),
                                    {"protocol-pluv", "route"},
                                    {"protocol-hocuspocus", "route"},
                                    {"protocol-pluv", "client_route"}}) {
    const auto refused = [&](const std::string& route, const std::string& why) {
      expect_refused({plugin,
                      std::string(key) + " = \"" + route + "\"\n",
                      {{key, "\"" + route + "\" " + why}}});
    };
    refused("docs", "must begin with '/'");
    refused("/", "must not end with '/'");
    refused("/a//b", "has an empty part");
    refused("/a%20b", "has a character that a path cannot show as it is");
    refused("/" + std::string(128, 'a'), "is longer than 128 bytes");
  }
  expect_good("protocol-pluv", "client_route = \"\"\n");
}

TEST_F(PluginSettings, OfTheStore) {
  const std::string folder = " names a folder, where a file must be";
  expect_refused({"store-sqlite", "path = \"\"\n", {{"path", "is empty"}}});
  for (const std::string path : {"data/", ".", "data/..", "/"}) {
    expect_refused(
        {"store-sqlite", "path = \"" + path + "\"\n", {{"path", "\"" + path + "\"" + folder}}});
  }
  expect_refused(
      {"store-sqlite",
       "path = \"data/" + std::string(256, 'x') + "/a.db\"\n",
       {{"path", "has a part of 256 bytes, and no name of a file may be longer than 255"}}});
  std::string deep;
  for (int i = 0; i < 2048; ++i) deep += "a/";
  expect_refused({"store-sqlite",
                  "path = \"" + deep + "x.db\"\n",
                  {{"path", "is one of 4100 bytes, and no path may be longer than 4095"}}});
}

TEST_F(PluginSettings, OfTheWebhook) {
  const std::string good = "url = \"https://example.org/hook\"\nsecret = \"s\"\n";
  const auto refused = [&](const std::string& settings, const std::string& key,
                           const std::string& why) {
    expect_refused({"app-webhook", settings, {{key, why}}});
  };
  refused("secret = \"s\"\nurl = \"not a url\"\n", "url",
          "is none; write it like https://example.org/api/freshet");
  refused("secret = \"s\"\nurl = \"ftp://example.org/\"\n", "url",
          "begins with ftp:, and must with https: or http:");
  refused("secret = \"s\"\nurl = \"https://ann:pass@example.org/\"\n", "url",
          "has a name or password in it; the backend knows us by `secret`");
  refused(
      "secret = \"s\"\nurl = \"http://example.org/\"\n", "url",
      "is plain http to another machine, where everybody between may read it; use https, or say "
      "allow_http = true");
  refused("url = \"https://example.org/\"\n", "secret", "is missing; give it, or secret_file");
  refused(good + "secret_file = \"s\"\n", "secret", "give it or secret_file, not both");
  refused("url = \"https://example.org/\"\nsecret = \"\"\n", "secret",
          "is empty (is the environment variable set?)");
  refused(good + "events = [\"room-destroyed\"]\n", "events",
          "there is no event \"room-destroyed\" in this dialect; it has initial-storage "
          "user-connected user-disconnected storage-updated room-message room-deleted");
  refused(good + "events = []\n", "events", "names none");
  refused(good + "states = [\"initial-storage\"]\n", "states", "\"initial-storage\" never has one");
  refused(good + "events = [\"user-connected\"]\nstates = [\"room-deleted\"]\n", "states",
          "\"room-deleted\" is not in events");
  // What is a matter of today is found by starting.
  expect_good("app-webhook", "url = \"https://example.org/\"\nsecret_file = \"none\"\n");
  expect_good("app-webhook", good + "ca_file = \"none\"\n");
}

TEST_F(PluginSettings, OfTheWebhookOfHocuspocus) {
  const std::string good = "url = \"https://example.org/hook\"\nsecret = \"s\"\n";
  expect_good("auth-webhook", good + "with_token = true\n");
  expect_refused({"auth-webhook",
                  "url = \"https://example.org/\"\n",
                  {{"secret", "is missing; give it, or secret_file"}}});
  expect_refused({"auth-webhook",
                  "secret = \"s\"\nurl = \"ftp://example.org/\"\n",
                  {{"url", "begins with ftp:, and must with https: or http:"}}});
  const std::string hocuspocus = good + "dialect = \"hocuspocus\"\n";
  expect_good("app-webhook", hocuspocus + "events = [\"create\", \"change\", \"disconnect\"]\n");
  expect_refused(
      {"app-webhook",
       hocuspocus + "events = [\"connect\"]\n",
       {{"events", "\"connect\" is asked, not told: the plugin auth-webhook does that"}}});
}

TEST_F(PluginSettings, OfTokens) {
  const std::string secret = "secret = \"${FRESHET_TEST_SECRET}\"\n";
  const auto refused = [&](const std::string& settings, const std::string& key,
                           const std::string& why) {
    expect_refused({"auth-jwt", settings, {{key, why}}});
  };
  refused("", "",
          "no key: give secret, secret_base64, public_key, public_key_path, signing_key, "
          "signing_key_path, jwks or pluv_secret");
  refused("secret = \"short\"\n", "secret",
          "5 bytes; HS256 needs at least 32 (openssl rand -base64 32)");
  refused("secret = \"\"\n", "secret", "it is empty (is the environment variable set?)");
  refused(secret + "secret_base64 = \"YWJj\"\n", "secret", "give this or secret_base64, not both");
  refused("secret_base64 = \"?\"\n", "secret_base64", "it is not base64");
  refused("old_secrets = [\"x\"]\n", "old_secrets", "there is no secret that has replaced them");
  refused(secret + "old_secrets = [\"x\"]\n", "old_secrets",
          "number 1: 1 bytes; HS256 needs at least 32 (openssl rand -base64 32)");
  refused("public_key = \"ssh-ed25519 AAAA\"\n", "public_key",
          "no -----BEGIN PUBLIC KEY----- block");
  refused("public_key = \"x\"\npublic_key_path = \"y\"\n", "public_key",
          "give this or public_key_path, not both");
  refused("signing_key = \"x\"\nsigning_key_path = \"y\"\n", "signing_key",
          "give this or signing_key_path, not both");
  refused("signing_key = \"x\"\n", "signing_key",
          "no -----BEGIN PRIVATE KEY----- block that can be read (not an encrypted one)");
  refused(secret + "room_claim = \"\"\n", "room_claim", "a claim has a name");
  refused(secret + "key_id = \"" + std::string(129, 'k') + "\"\n", "key_id",
          "longer than 128 bytes");
  refused("pluv_secret = \"\"\n", "pluv_secret", "it is empty (is the environment variable set?)");
  refused("pluv_secret = \"x\"\napi_key = \"short\"\n", "api_key",
          "shorter than 32 bytes (openssl rand -base64 32)");
  refused(secret + "api_key = \"" + std::string(32, 'k') + "\"\n", "api_key",
          "there is no pluv_secret to make tokens with");
  refused(secret + "token_route = \"\"\n", "token_route", "\"\" must begin with '/'");
  refused(secret + "pluv_token_route = \"a\"\n", "pluv_token_route", "\"a\" must begin with '/'");
  expect_good("auth-jwt", secret + "pluv_token_route = \"\"\n");
  expect_good("auth-jwt", "public_key_path = \"none\"\n");
  expect_good("auth-jwt", "jwks = \"none\"\n");
}

TEST_F(PluginSettings, OfAllPluginsAreToldAtOnce) {
  folder_.write("own.toml", kServer + entry("platform-ws", "origins = [\"x\"]\n") +
                                entry("crdt-native", "") + entry("store-sqlite", "path = \"\"\n") +
                                entry("protocol-yjs", "route = \"docs\"\n") +
                                entry("auth-jwt", "user_claim = \"\"\nroom_claim = \"\"\n"));
  for (const char* command : {"check", "serve"}) {
    const Outcome outcome = freshet({command, "own.toml"});
    EXPECT_EQ(outcome.exit, kManifest);
    EXPECT_EQ(outcome.err,
              "own.toml:7: plugin.settings.origins: \"x\" is no origin; write "
              "\"https://example.com\", without a path, \"file://\" or \"null\"\n"
              "own.toml:14: plugin.settings.path: is empty\n"
              "own.toml:18: plugin.settings.route: \"docs\" must begin with '/'\n"
              "own.toml:21: plugin.settings: no key: give secret, secret_base64, public_key, "
              "public_key_path, signing_key, signing_key_path, jwks or pluv_secret\n"
              "own.toml:22: plugin.settings.user_claim: a claim has a name\n"
              "own.toml:23: plugin.settings.room_claim: a claim has a name\n");
  }
}

// What came out of a variable may be a secret, whatever the setting is for.
TEST_F(PluginSettings, OfAVariableAreNotRepeated) {
  const Variables variables = {{"FRESHET_TEST_SECRET", "hunter2"}};
  const std::string variable = "\"${FRESHET_TEST_SECRET}\"";
  const std::pair<std::string, std::string> wrong[] = {
      {entry("platform-ws", "origins = [" + variable + ", \"plain\"]\n"),
       "plugin.settings.origins: the value is no origin; "},
      {entry("platform-ws", "trusted_proxies = [" + variable + "]\n"),
       "plugin.settings.trusted_proxies: the value is neither an address, "},
      {entry("protocol-yjs", "route = " + variable + "\n"),
       "plugin.settings.route: the value must begin with '/'\n"},
  };
  for (const auto& [plugin, told] : wrong) {
    folder_.write("own.toml", kServer + plugin);
    const Outcome outcome = freshet({"check", "own.toml"}, variables);
    EXPECT_EQ(outcome.exit, kManifest);
    EXPECT_NE(outcome.err.find(told), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find("hunter2"), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace freshet::testing
