// Where to listen: one grammar for the manifest and for every platform.
#include "freshet/format/address.h"

#include <gtest/gtest.h>

#include <string>

namespace freshet {
namespace {

TEST(Address, KnowsWhoCanReachIt) {
  std::string reason;
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:0", "localhost:80", "[::1]:65535",
                           "tls:127.0.0.1:443", "unix:data/admin.sock"}) {
    const auto address = parse_address(text, reason);
    ASSERT_TRUE(address) << text << " " << reason;
    EXPECT_TRUE(address->local()) << text;
  }
  for (const char* text : {"0.0.0.0:1", "10.0.0.1:1", "[::]:1", "tls:[2001:db8::1]:443"}) {
    const auto address = parse_address(text, reason);
    ASSERT_TRUE(address) << text << " " << reason;
    EXPECT_FALSE(address->local()) << text;
  }
}

TEST(Address, SaysWhatIsWrongWithIt) {
  const auto fault = [](std::string_view text) {
    std::string reason;
    return parse_address(text, reason) ? "fine" : reason;
  };
  EXPECT_EQ(fault("127.0.0.1"), "has no port: write 127.0.0.1:4747");
  EXPECT_EQ(fault("127.0.0.1:"), "has no port between 0 and 65535");
  EXPECT_EQ(fault("127.0.0.1:65536"), "has no port between 0 and 65535");
  EXPECT_EQ(fault("127.0.0.1:80x"), "has no port between 0 and 65535");
  EXPECT_EQ(fault("example.org:80"),
            "has no IP address: write one like 127.0.0.1:4747, or localhost");
  EXPECT_EQ(fault("::1:80"), "needs brackets around its IPv6 address: [::1]:4747");
  EXPECT_EQ(fault("[127.0.0.1]:80"), "has no IPv6 address in its brackets");
  EXPECT_EQ(fault("unix:"), "has no path after unix:");
  EXPECT_EQ(fault("unix:" + std::string(108, 'x')),
            "is too long for a socket's path: at most 107 bytes");
}

TEST(Address, SaysItsParts) {
  std::string reason;
  const auto tls = parse_address("tls:[::1]:443", reason);
  ASSERT_TRUE(tls) << reason;
  EXPECT_EQ(tls->kind, Address::Kind::tls);
  EXPECT_EQ(tls->host, "::1");
  EXPECT_EQ(tls->port, 443);
  const auto local = parse_address("unix:data/a.sock", reason);
  ASSERT_TRUE(local) << reason;
  EXPECT_EQ(local->kind, Address::Kind::unix_socket);
  EXPECT_EQ(local->path, "data/a.sock");
  for (const char* wrong : {"", "4747", ":4747", "127.0.0.1:http", "tls:unix:a.sock"}) {
    EXPECT_FALSE(parse_address(wrong, reason)) << wrong;
  }
}

}  // namespace
}  // namespace freshet
