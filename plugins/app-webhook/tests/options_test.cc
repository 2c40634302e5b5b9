// What the manifest may say, and what a person reads when it says something else.
#include "app-webhook/options/options.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "app-webhook/options/named_files.h"
#include "app-webhook/webhook_app.h"
#include "freshet/testing.h"

namespace freshet::webhook {
namespace {

// As create() does it.
Result<Options> read_all(const Host& host) {
  FRESHET_TRY(Options options, settings_of<WebhookApp>(host));
  FRESHET_CHECK(read_named_files(options, host));
  return options;
}

class WebhookOptions : public ::testing::Test {
 protected:
  WebhookOptions() : host(kSettings) {
    host.set("url", "https://example.org/hook");
    host.set("secret", "s");
  }

  void expect_refused(const std::string& reason) {
    EXPECT_EQ(read_all(host.host()).status(), Status::malformed);
    EXPECT_TRUE(host.logged(reason)) << host.log();
  }
  Options good() {
    auto options = read_all(host.host());
    EXPECT_TRUE(options) << host.log();
    return options ? *options : Options{};
  }

  testing::FakeHost host;
};

TEST_F(WebhookOptions, TellTheUsualEventsOfADialect) {
  Options ours = good();
  EXPECT_EQ(ours.notices, 1u << FRESHET_USER_CONNECTED | 1u << FRESHET_USER_DISCONNECTED |
                              1u << FRESHET_STORAGE_UPDATED | 1u << FRESHET_ROOM_DELETED);
  EXPECT_EQ(ours.states, 1u << FRESHET_STORAGE_UPDATED | 1u << FRESHET_ROOM_DELETED);
  EXPECT_TRUE(ours.initial_storage);
  host.set("dialect", "pluv");
  Options pluv = good();
  EXPECT_EQ(pluv.notices, 1u << FRESHET_USER_CONNECTED | 1u << FRESHET_USER_DISCONNECTED |
                              1u << FRESHET_ROOM_DELETED);
  EXPECT_EQ(pluv.states, pluv.notices);
  EXPECT_TRUE(pluv.room_destroyed && pluv.storage_destroyed && pluv.initial_storage);
}

TEST_F(WebhookOptions, TellOnlyTheEventsThatAreNamed) {
  host.set("events", std::vector<std::string>{"room-message", "room-deleted"});
  host.set("states", std::vector<std::string>{"room-deleted"});
  const Options options = good();
  EXPECT_EQ(options.notices, 1u << FRESHET_ROOM_MESSAGE | 1u << FRESHET_ROOM_DELETED);
  EXPECT_EQ(options.states, 1u << FRESHET_ROOM_DELETED);
  EXPECT_FALSE(options.initial_storage);
}

TEST_F(WebhookOptions, RefuseEventsThatAreNone) {
  host.set("events", std::vector<std::string>{"room-destroyed"});
  expect_refused(
      "events: there is no event \"room-destroyed\" in this dialect; it has "
      "initial-storage user-connected");
  host.set("events", std::vector<std::string>{});
  expect_refused("events: names none");
  host.set("events", std::vector<std::string>{"user-connected"});
  host.set("states", std::vector<std::string>{"room-deleted"});
  expect_refused("states: \"room-deleted\" is not in events");
  host.set("states", std::vector<std::string>{"initial-storage"});
  expect_refused("states: \"initial-storage\" never has one");
}

TEST_F(WebhookOptions, RefuseAUrlThatIsNone) {
  host.set("url", "not a url");
  expect_refused("url: is none; write it like https://example.org/api/freshet");
  host.set("url", "ftp://example.org/");
  expect_refused("url: begins with ftp:, and must with https: or http:");
  host.set("url", "https://ann:pass@example.org/");
  expect_refused("url: has a name or password in it");
}

TEST_F(WebhookOptions, RefusePlainHttpToOthersUnlessToldSo) {
  for (const char* url : {"http://example.org/", "http://127.0.0.1.example.org/",
                          "http://localhost.example.org/", "http://10.0.0.1/"}) {
    host.set("url", url);
    expect_refused("url: is plain http to another machine");
  }
  host.set("allow_http", int64_t{1});
  EXPECT_EQ(good().url, "http://10.0.0.1/");
  host.set("allow_http", int64_t{0});
  for (const char* url : {"http://127.0.0.1:8080/x", "http://localhost/", "http://[::1]:1/"}) {
    host.set("url", url);
    EXPECT_EQ(good().url, url);
  }
}

TEST_F(WebhookOptions, TakeOneSecretAndNoEmptyOne) {
  host.set("secret", "");
  expect_refused("secret: is empty (is the environment variable set?)");
  host.set("secret_file", "/nowhere/secret");
  expect_refused("secret: give it or secret_file, not both");

  testing::FakeHost other(kSettings);
  other.set("url", "https://example.org/hook");
  EXPECT_FALSE(read_all(other.host()));
  EXPECT_TRUE(other.logged("secret: is missing; give it, or secret_file")) << other.log();
  other.set("secret_file", "/nowhere/secret");
  EXPECT_FALSE(read_all(other.host()));
  EXPECT_TRUE(other.logged("secret_file: /nowhere/secret: No such file")) << other.log();

  other.set("secret_file", "");
  EXPECT_FALSE(read_all(other.host()));
  EXPECT_TRUE(other.logged("secret_file: names no file")) << other.log();

  std::string path = (std::filesystem::temp_directory_path() / "freshet-XXXXXX").string();
  ASSERT_GE(::mkstemp(path.data()), 0);
  other.set("secret_file", path);
  EXPECT_FALSE(read_all(other.host()));
  EXPECT_TRUE(other.logged("secret_file: is empty")) << other.log();
  std::ofstream(path) << "a secret\n";
  EXPECT_EQ(read_all(other.host())->secret, "a secret");
  std::ofstream(path) << std::string(5000, 'x');
  EXPECT_FALSE(read_all(other.host()));
  EXPECT_TRUE(other.logged("longer than 4096 bytes")) << other.log();
  std::filesystem::remove(path);
}

TEST_F(WebhookOptions, RefuseCertificatesThatAreNotThere) {
  host.set("ca_file", "/nowhere/ca.pem");
  expect_refused("ca_file: /nowhere/ca.pem: No such file");
}

TEST_F(WebhookOptions, RefuseCertificatesThatAreTooManyToBeSome) {
  std::string path = std::filesystem::temp_directory_path() / "freshet-ca-XXXXXX";
  ::close(::mkstemp(path.data()));
  std::filesystem::resize_file(path, kMaxCaFileBytes + 1);
  host.set("ca_file", path);
  expect_refused("ca_file: " + path + ": has 16777217 bytes, more than 16777216");
  std::filesystem::remove(path);
}

TEST_F(WebhookOptions, BoundFirstStatesAndAllOfThemNoLowerThanOne) {
  EXPECT_EQ(good().initial_bytes, size_t{64} << 20);
  EXPECT_EQ(good().initial_total_bytes, size_t{128} << 20);
  host.set("initial_bytes", int64_t{512} << 20);
  EXPECT_EQ(good().initial_total_bytes, size_t{512} << 20);
}

}  // namespace
}  // namespace freshet::webhook
