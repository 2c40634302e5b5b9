// Who asks for tokens too often is told to wait, by the address that the platform knows it by.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

#include "cli_world.h"

namespace freshet::testing {
namespace {

constexpr const char* kKey = "an-api-key-of-32-bytes-or-longer-than-that";

class TokenRate : public ::testing::Test {
 protected:
  // Ten at once, then one a second.
  const TempFolder& folder_with(const std::string& platform) {
    folder_.write(
        "freshet.toml",
        "[server]\nlisten = [\"unix:public.sock\"]\nadmin = \"unix:admin.sock\"\n[limits]\n"
        "http_requests_per_second = 1\n[[plugin]]\nuse = \"platform-ws\"\n[plugin.settings]\n" +
            platform +
            "[[plugin]]\nuse = \"crdt-native\"\n[[plugin]]\nuse = \"store-sqlite\"\n"
            "[plugin.settings]\npath = \"data/freshet.db\"\n[[plugin]]\nuse = \"protocol-yjs\"\n"
            "[[plugin]]\nuse = \"auth-jwt\"\n[plugin.settings]\npluv_secret = \"" +
            std::string(32, 's') + "\"\napi_key = \"" + kKey + "\"\n");
    return folder_;
  }

  // All of the answer.
  std::string ask(const std::string& socket, const std::string& request) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    (folder_.path() / socket).string().copy(to.sun_path, sizeof(to.sun_path) - 1);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
    EXPECT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string answer;
    char bytes[4096];
    for (ssize_t size; (size = ::recv(fd, bytes, sizeof(bytes), 0)) > 0;) {
      answer.append(bytes, static_cast<size_t>(size));
    }
    ::close(fd);
    return answer;
  }

  std::string token(const std::string& client) {
    const std::string body = R"({"room":"r","user":{"id":"ann"}})";
    return ask(
        "public.sock",
        "POST /api/tokens HTTP/1.1\r\nHost: admin\r\nConnection: close\r\nAuthorization: Bearer " +
            std::string(kKey) + "\r\nX-Forwarded-For: " + client +
            "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  // How often it gets one until it is told to wait.
  int tokens_of(const std::string& client) {
    for (int n = 0; n < 100; ++n) {
      const std::string answer = token(client);
      if (answer.starts_with("HTTP/1.1 200 ")) continue;
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 429 Too Many Requests\r\n")) << answer;
      EXPECT_NE(answer.find("\r\nRetry-After: 1\r\n"), std::string::npos) << answer;
      EXPECT_NE(answer.find("\r\n\r\ntoo many requests from this address\n"), std::string::npos);
      return n;
    }
    return -1;
  }

  TempFolder folder_;
};

TEST_F(TokenRate, IsThatOfAnAddressBehindAProxyThatIsNamed) {
  Served server(folder_with("trusted_proxies = [\"unix\"]\n"), {"serve"});
  ASSERT_TRUE(server.says(" serves ")) << server.log();
  // One a second is given back meanwhile.
  EXPECT_GE(tokens_of("203.0.113.9"), 10);
  EXPECT_GE(tokens_of("203.0.113.10"), 10);
  const std::string metrics =
      ask("admin.sock", "GET /metrics HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n");
  EXPECT_NE(metrics.find("\nfreshet_routes_limited_total 2\n"), std::string::npos) << metrics;
  EXPECT_TRUE(
      server.says("address \"203.0.113.9\": asks plugins' routes for more than "
                  "http_requests_per_second, 1"))
      << server.log();
  EXPECT_EQ(server.stop(), kOk);
}

TEST_F(TokenRate, IsNotEscapedByAHeaderThatAnybodyCanWrite) {
  Served server(folder_with("shards = 2\n"), {"serve"});
  ASSERT_TRUE(server.says(" serves ")) << server.log();
  int given = 0;
  for (int n = 0; n < 40; ++n) {
    given += token("203.0.113." + std::to_string(n)).starts_with("HTTP/1.1 200 ") ? 1 : 0;
  }
  EXPECT_GE(given, 10);
  EXPECT_LT(given, 40);
  EXPECT_EQ(server.stop(), kOk);
}

}  // namespace
}  // namespace freshet::testing
