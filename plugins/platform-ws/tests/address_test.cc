// Addresses: who is behind a proxy, which origin may come.
#include "platform-ws/http/address.h"

#include <gtest/gtest.h>

#include "freshet/testing.h"
#include "platform-ws/ws_platform.h"

namespace freshet::ws::testing {
namespace {

std::string client(std::vector<HttpHeader> headers, const char* peer,
                   std::vector<std::string> trusted,
                   ForwardedBy by = ForwardedBy::x_forwarded_for) {
  HttpRequest request;
  request.headers = std::move(headers);
  TrustedProxies proxies;
  for (const std::string& entry : trusted) EXPECT_TRUE(proxies.add(entry)) << entry;
  const PeerAddress from =
      std::string_view(peer) == "unix" ? PeerAddress{} : IpAddress::parse(peer);
  return peer_text(client_of(request, from, proxies, by));
}

TEST(Addresses, APeerThatIsNoProxyIsTheClientWhateverItSays) {
  EXPECT_EQ(client({{"X-Forwarded-For", "1.2.3.4"}}, "203.0.113.9", {}), "203.0.113.9");
  EXPECT_EQ(client({{"X-Forwarded-For", "1.2.3.4"}}, "203.0.113.9", {"10.0.0.0/8"}), "203.0.113.9");
}

TEST(Addresses, TheRightmostAddressThatNoProxyHasIsTheClient) {
  const std::vector<std::string> trusted = {"10.0.0.0/8", "2001:db8::/32"};
  EXPECT_EQ(client({{"x-forwarded-for", "6.6.6.6, 198.51.100.7, 10.1.1.1"}}, "10.0.0.1", trusted),
            "198.51.100.7");
  EXPECT_EQ(client({{"X-Forwarded-For", "198.51.100.7"}, {"X-Forwarded-For", "10.2.2.2"}},
                   "2001:db8::5", trusted),
            "198.51.100.7");
  EXPECT_EQ(client({{"X-Forwarded-For", "[2001:dead::1]:443"}}, "10.0.0.1", trusted),
            "2001:dead::1");
  EXPECT_EQ(client({{"X-Forwarded-For", "198.51.100.7:8080"}}, "10.0.0.1", trusted),
            "198.51.100.7");
}

TEST(Addresses, WhatAProxyCannotMeanIsNotTaken) {
  EXPECT_EQ(client({{"X-Forwarded-For", "unknown"}}, "10.0.0.1", {"10.0.0.0/8"}), "10.0.0.1");
  EXPECT_EQ(client({{"X-Forwarded-For", "1.2.3.4, garbage"}}, "10.0.0.1", {"10.0.0.0/8"}),
            "10.0.0.1");
  EXPECT_EQ(client({}, "10.0.0.1", {"10.0.0.0/8"}), "10.0.0.1");
}

TEST(Addresses, TheOtherHeaderIsTheClientsOwnWordAndIgnored) {
  const std::vector<HttpHeader> headers = {
      {"Forwarded", "for=192.0.2.60;proto=http, For=\"[2001:db8:cafe::17]:4711\""},
      {"X-Forwarded-For", "6.6.6.6"}};
  EXPECT_EQ(client(headers, "10.0.0.1", {"10.0.0.1"}, ForwardedBy::forwarded), "2001:db8:cafe::17");
  EXPECT_EQ(client(headers, "10.0.0.1", {"10.0.0.1"}), "6.6.6.6");
}

TEST(Addresses, AProxyMayComeByAUnixSocket) {
  EXPECT_EQ(client({{"X-Forwarded-For", "1.2.3.4"}}, "unix", {}), "unix");
  EXPECT_EQ(client({{"X-Forwarded-For", "1.2.3.4"}}, "unix", {"unix"}), "1.2.3.4");
}

TEST(Addresses, NetworksMatchToTheBit) {
  TrustedProxies proxies;
  for (const char* entry : {"192.168.4.0/22", "::1", "2001:db8:8000::/33"}) {
    ASSERT_TRUE(proxies.add(entry));
  }
  const auto trusts = [&](const char* text) { return proxies.trusts(*IpAddress::parse(text)); };
  EXPECT_TRUE(trusts("192.168.7.255"));
  EXPECT_FALSE(trusts("192.168.8.0"));
  EXPECT_TRUE(trusts("::1"));
  EXPECT_FALSE(trusts("::2"));
  EXPECT_TRUE(trusts("2001:db8:ffff::1"));
  EXPECT_FALSE(trusts("2001:db8:7fff::1"));
}

TEST(Addresses, AWrongNetworkIsNamed) {
  for (const char* wrong : {"10.0.0.0/33", "10.0.0.0/", "ten", "10.0.0.0/8x", "::/129", ""}) {
    freshet::testing::FakeHost host{kSettings};
    host.set("trusted_proxies", std::vector<std::string>{wrong});
    EXPECT_EQ(settings_of<WsPlatform>(host.host()).status(), Status::malformed);
    EXPECT_TRUE(host.logged("\"" + std::string(wrong) + "\"")) << host.log();
  }
}

TEST(Addresses, OriginsMatchWholeOrBelowADomain) {
  WsSettings settings;
  EXPECT_TRUE(settings.allows_origin("https://anywhere.example"));
  settings.origins = {"https://app.example.com", "https://*.example.org"};
  EXPECT_TRUE(settings.allows_origin("https://APP.example.com"));
  EXPECT_TRUE(settings.allows_origin("https://a.b.example.org"));
  EXPECT_TRUE(settings.allows_origin(""));  // no browser
  for (const char* other :
       {"http://app.example.com", "https://example.org", "https://app.example.com.evil.test",
        "https://evilexample.org", "https://app.example.com:8443", "null"}) {
    EXPECT_FALSE(settings.allows_origin(other)) << other;
  }
  // Pages of this machine need not be named.
  EXPECT_TRUE(settings.allows_origin("http://localhost:3000"));
  EXPECT_FALSE(settings.lists_origin("http://localhost:3000"));
  settings.origins = {"null", "file://"};
  EXPECT_TRUE(settings.allows_origin("null"));
  EXPECT_TRUE(settings.allows_origin("file://"));
  EXPECT_FALSE(settings.allows_origin("https://app.example.com"));
}

TEST(Addresses, OfAUnixSocketHaveAModeAndAGroupThatIsThere) {
  const auto told = [](const char* key, const char* value, const char* fault) {
    freshet::testing::FakeHost host{kSettings};
    host.set(key, value);
    EXPECT_EQ(settings_of<WsPlatform>(host.host()).status(), Status::malformed);
    return host.logged(fault);
  };
  EXPECT_TRUE(
      told("socket_mode", "rw-rw----", "socket_mode: \"rw-rw----\" is no mode like \"0660\""));
  EXPECT_TRUE(told("socket_mode", "0060", "socket_mode: \"0060\" is no mode"));
  EXPECT_TRUE(
      told("socket_group", "no-such-group", "socket_group: there is no group \"no-such-group\""));
}

TEST(Addresses, SettingsThatContradictEachOtherAreRefused) {
  freshet::testing::FakeHost host{kSettings};
  host.set("idle_timeout_ms", int64_t{1000});
  EXPECT_EQ(settings_of<WsPlatform>(host.host()).status(), Status::malformed);
  EXPECT_TRUE(host.logged("idle_timeout_ms: must be longer than heartbeat_ms"));
  freshet::testing::FakeHost other{kSettings};
  other.set("origins", std::vector<std::string>{"example.com"});
  EXPECT_EQ(settings_of<WsPlatform>(other.host()).status(), Status::malformed);
  EXPECT_TRUE(other.logged("\"example.com\" is no origin"));
  for (const char* good : {"null", "file://", "https://a.example:8443", "app://obsidian.md"}) {
    freshet::testing::FakeHost fine{kSettings};
    fine.set("origins", std::vector<std::string>{good});
    EXPECT_TRUE(settings_of<WsPlatform>(fine.host())) << good;
  }
}

}  // namespace
}  // namespace freshet::ws::testing
