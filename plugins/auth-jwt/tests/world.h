// world.h: an auth plugin with the settings a test gives it, and requests to it.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "auth-jwt/jwt_auth.h"
#include "freshet/testing.h"

namespace freshet::jwt {

inline constexpr const char* kSecret = "a secret of the fixtures, and a long one";
inline constexpr uint64_t kNow = 1'000'000'000;  // unix ms; the fixtures' tokens have an hour to go

inline std::string fixture_path(const std::string& name) { return FIXTURES "/" + name; }

inline std::string read_all(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string fixture(const std::string& name) { return read_all(fixture_path(name)); }

// A token that node's crypto signed (tools/fixtures/auth-jwt.mjs).
inline std::string node_token(const std::string& name) {
  std::ifstream in(fixture_path("tokens.txt"));
  for (std::string key, token; in >> key >> token;) {
    if (key == name) return token;
  }
  ADD_FAILURE() << "no token " << name;
  return {};
}

struct Answered {
  Status status;
  std::string user;
  uint64_t permission = 99;
  uint64_t expires_ms = 0;
  std::string subprotocol;
  size_t items = 0;
  bool expired = false;  // a good token but for its age: a session that has ended already
};

struct World {
  World() : host(JwtAuth::kSettings) {}

  World& with(const std::string& key, std::string_view text) { return host.set(key, text), *this; }
  World& with(const std::string& key, int64_t number) { return host.set(key, number), *this; }
  World& with_list(const std::string& key, std::vector<std::string> list) {
    return host.set(key, std::move(list)), *this;
  }

  Status create() {
    auto created = make_plugin<JwtAuth>(host.host());
    if (!created) return created.status();
    auth = *std::move(created);
    table = std::make_unique<Bound<Auth>>(*auth, host.host());
    return Status::ok;
  }

  Answered identify(const freshet_auth_request& request) {
    if (!table) {
      EXPECT_EQ(create(), Status::ok) << host.log();
    }
    testing::Answer answer;
    table->table()->identify(table->table()->self, &request, answer.reply());
    Answered out{.status = answer.wait(), .user = {}, .subprotocol = {}};
    EXPECT_EQ(answer.times_done(), 1);
    out.items = answer.items().size();
    if (const auto* item = answer.find(FRESHET_AUTH_USER)) out.user = item->text();
    if (const auto* item = answer.find(FRESHET_AUTH_PERMISSION)) out.permission = item->number;
    if (const auto* item = answer.find(FRESHET_AUTH_EXPIRES)) {
      out.expires_ms = item->number;
      out.expired = out.status == Status::ok && item->number <= request.unix_ms;
      if (out.expired) out.status = Status::unauthenticated;
    }
    if (const auto* item = answer.find(FRESHET_AUTH_SUBPROTOCOL)) out.subprotocol = item->text();
    return out;
  }

  // A token that a protocol read in-band.
  Answered identify(std::string_view token, std::string_view room = "a", uint64_t now = kNow) {
    freshet_auth_request request{};
    request.size = sizeof(request);
    request.token = to_c(token);
    request.room = to_c(room);
    request.unix_ms = now;
    return identify(request);
  }

  // The status and the token.
  std::pair<Status, std::string> mint(std::string_view claims) {
    if (!table) {
      EXPECT_EQ(create(), Status::ok) << host.log();
    }
    testing::Answer answer;
    table->table()->mint(table->table()->self, to_c(claims), answer.reply());
    const Status status = answer.wait();
    const auto* item = answer.find(FRESHET_AUTH_TOKEN);
    return {status, item == nullptr ? "" : item->text()};
  }

  testing::FakeHost host;
  std::unique_ptr<JwtAuth> auth;
  std::unique_ptr<Bound<Auth>> table;
};

// One whose tokens the test mints.
struct SecretWorld : World {
  SecretWorld() { with("secret", kSecret); }

  // Judges claims that were signed properly.
  Answered judged(std::string_view claims, std::string_view room = "a", uint64_t now = kNow) {
    const auto [status, token] = mint(claims);
    EXPECT_EQ(status, Status::ok) << claims;
    return identify(token, room, now);
  }
};

}  // namespace freshet::jwt
