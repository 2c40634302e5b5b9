// How an address is written, and what is said of one that is none.
#include "bus-redis/options.h"

#include <gtest/gtest.h>

#include "bus-redis/tests/test_redis.h"

namespace freshet::redis {

namespace {

// "host port path user password", or "wrong".
std::string shown(std::string_view url) {
  Address out;
  if (!read_address(url, out).empty()) return "wrong";
  return out.host + " " + std::to_string(out.port) + " " + out.path + " " + out.user + " " +
         out.password;
}

}  // namespace

TEST(RedisAddress, IsReadInItsParts) {
  EXPECT_EQ(shown("redis://h"), "h 6379   ");
  EXPECT_EQ(shown("redis://h:1"), "h 1   ");
  EXPECT_EQ(shown("redis://h:1/7"), "h 1   ");
  EXPECT_EQ(shown("redis://h/"), "h 6379   ");
  EXPECT_EQ(shown("redis://:s3cret@h"), "h 6379   s3cret");
  EXPECT_EQ(shown("redis://ada:s%403%2f%3A%25@10.0.0.1:65535"), "10.0.0.1 65535  ada s@3/:%");
  EXPECT_EQ(shown("redis://[::1]:7"), "::1 7   ");
  EXPECT_EQ(shown("redis://[fe80::1]"), "fe80::1 6379   ");
  EXPECT_EQ(shown("unix:/run/redis.sock"), " 6379 /run/redis.sock  ");
  EXPECT_EQ(shown("unix:///run/redis.sock"), " 6379 /run/redis.sock  ");
  EXPECT_EQ(shown("unix://ada:x@/run/redis.sock"), " 6379 /run/redis.sock ada x");
}

TEST(RedisAddress, IsRefusedWhereItIsNone) {
  for (const char* url : {"h",
                          "http://h",
                          "redis:h",
                          "redis://",
                          "redis://:6379",
                          "redis://h:",
                          "redis://h:0",
                          "redis://h:65536",
                          "redis://h:1x",
                          "redis://h:1/x",
                          "redis://h?db=1",
                          "redis://ada@h",
                          "redis://ada:@h",
                          "redis://ada:s3c%zzret@h",
                          "redis://ada:s3c%4@h",
                          "redis://ada:s3c@ret@h",
                          "redis://ada:s3c/ret@h",
                          "redis://[::1:7",
                          "unix:",
                          "unix:/",
                          "unix:run/x",
                          "unix://h/x"}) {
    EXPECT_EQ(shown(url), "wrong") << url;
  }
}

TEST(RedisAddress, ShowsNoPassword) {
  Address out;
  ASSERT_EQ(read_address("redis://ada:s3cret@h:1", out), "");
  EXPECT_EQ(out.shown(), "h:1, user ada");
}

TEST(RedisOptions, AreRefusedWithTheirKeysAndWithoutSecrets) {
  const auto refused = [](const TestBus::Setting& setting, std::string_view words) {
    const TestBus bus(setting);
    EXPECT_TRUE(bus.host().logged(words)) << bus.host().log();
    EXPECT_FALSE(bus.host().logged("s3c")) << bus.host().log();
  };
  refused({.url = ""}, "url: it is empty");
  refused({.url = "redis://ada:s3c@ret@h"}, "url: is neither redis://");
  refused({.url = "rediss://ada:s3c@h"}, "url: asks for TLS, which this plugin does not speak");
  refused({.cluster = ""}, "cluster: must have 1 to 255 bytes");
  refused({.cluster = std::string(256, 'x')}, "cluster: must have 1 to 255 bytes");
  refused({.cluster = "a:b"}, "cluster: must have no : in it");
}

}  // namespace freshet::redis
