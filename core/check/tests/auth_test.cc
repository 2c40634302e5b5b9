// An auth plugin: who is let in, who is not, and that everybody is answered.
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "core/check/limits.h"
#include "core/check/plugin/resources.h"
#include "core/check/tests/opened.h"

namespace freshet::check {
namespace {

using Parsed = nlohmann::json;

uint64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

// A connection that shows a token in its query, as clients do.
struct Asked {
  explicit Asked(const std::optional<std::string>& token, std::string room = "room")
      : target("/yjs/room" + (token ? "?token=" + escaped(*token) : "")),
        room_name(std::move(room)) {
    http.size = sizeof(http);
    http.upgrade = 1;
    http.method = to_c(std::string_view("GET"));
    http.target = to_c(std::string_view(target));
    http.peer = to_c(std::string_view("192.0.2.1"));
    request.size = sizeof(request);
    request.request = &http;
    request.room = to_c(std::string_view(room_name));
    request.unix_ms = now_ms();
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  static std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) != 0 || c == '.' || c == '-' || c == '_') {
        out += c;
      } else {
        out += '%';
        out += "0123456789ABCDEF"[byte >> 4];
        out += "0123456789ABCDEF"[byte & 15];
      }
    }
    return out;
  }

  std::string target, room_name;
  freshet_request http{};
  freshet_auth_request request{};
};

// What was answered.
struct Judged {
  Status status = Status::internal;
  bool in = false;       // let in, now
  std::string user;      // JSON; empty: anonymous
  std::string nonsense;  // what of it makes none
};

std::string nonsense_in(const testing::Answer::Item& item) {
  if (item.kind == FRESHET_AUTH_PERMISSION && item.number > FRESHET_READ_WRITE) {
    return "permission " + std::to_string(item.number) + " is none";
  }
  if (item.kind != FRESHET_AUTH_USER) return {};
  const Parsed user = Parsed::parse(item.text(), nullptr, false);
  if (user.is_object() && user.contains("id")) return {};
  return "the user is no JSON object with an id: " + item.text();
}

Judged judge(testing::Answer& answer, uint64_t now) {
  Judged out;
  out.status = answer.wait();
  out.in = out.status == Status::ok;
  if (!out.in) return out;
  for (const auto& item : answer.items()) {
    if (out.nonsense.empty()) out.nonsense = nonsense_in(item);
    if (item.kind == FRESHET_AUTH_USER) out.user = item.text();
    if (item.kind == FRESHET_AUTH_EXPIRES && item.number <= now) out.in = false;
  }
  return out;
}

std::vector<std::string> parts_of(const std::string& token) {
  std::vector<std::string> out;
  for (size_t at = 0; at <= token.size();) {
    const size_t dot = std::min(token.find('.', at), token.size());
    out.push_back(token.substr(at, dot - at));
    at = dot + 1;
  }
  return out;
}

std::string base64url(const std::string& text) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += kDigits[bits >> (count - 6) & 63];
  }
  if (count > 0) out += kDigits[bits << (6 - count) & 63];
  return out;
}

class AuthPlugin : public PluginTest {
 protected:
  Judged identify(const std::optional<std::string>& token, const std::string& room = "room") {
    const Asked asked(token, room);
    const auto* table = plugin().service<freshet_auth>();
    testing::Answer answer;
    table->identify(table->self, &asked.request, answer.reply());
    Judged out = judge(answer, asked.request.unix_ms);
    EXPECT_EQ(out.nonsense, "") << "the answer makes no sense";
    return out;
  }

  // A token that the plugin makes itself, if it can; `later_s`: from now, when it ends.
  std::string minted(int64_t later_s) {
    const auto* table = plugin().service<freshet_auth>();
    const int64_t now = static_cast<int64_t>(now_ms() / 1000);
    const std::string claims = Parsed{
        {"room", "room"},
        {"user", {{"id", "ann"}}},
        {"permission", "read-write"},
        {"iat", now},
        {"exp", now + later_s}}.dump();
    testing::Answer answer;
    table->mint(table->self, to_c(std::string_view(claims)), answer.reply());
    if (answer.wait() != Status::ok) return {};
    const auto* item = answer.find(FRESHET_AUTH_TOKEN);
    return item == nullptr ? std::string() : item->text();
  }
  std::string good_token() {
    const std::string& given = Trial::here().subject().token;
    return given.empty() ? minted(3600) : given;
  }

  // One that was changed must not open what the good one opens, unless the door has no lock.
  void expect_refused(const std::string& token, const std::string& what) {
    const Judged judged = identify(token);
    if (!judged.in) return;
    const bool open = identify(std::nullopt).in;
    EXPECT_TRUE(open && judged.user.empty()) << what << " was let in as " << judged.user;
  }
};

constexpr const char* kNeedsToken =
    "needs a token that it takes, as it makes none by itself: give one by --token";

TEST_F(AuthPlugin, LetsInWhoHasAGoodToken) {
  const std::string token = good_token();
  if (token.empty()) GTEST_SKIP() << kNeedsToken;
  const Judged judged = identify(token);
  EXPECT_EQ(judged.status, Status::ok) << "its own token was refused: " << name_of(judged.status);
  EXPECT_TRUE(judged.in || judged.status != Status::ok)
      << "a token that is good for an hour is old";
}

TEST_F(AuthPlugin, AnswersWhoHasNoToken) {
  const Judged judged = identify(std::nullopt);
  EXPECT_TRUE(judged.status != Status::ok || judged.user.empty())
      << "somebody without a token was let in as " << judged.user;
}

TEST_F(AuthPlugin, RefusesGarbage) {
  auto chance = PluginTest::chance();
  for (int i = 0; i < 200; ++i) {
    expect_refused(bytes(chance, below(chance, 300)), "a token of bytes by chance");
  }
  for (const std::string& token :
       {std::string(), std::string("."), std::string(".."), std::string("..."),
        std::string("a.b.c"), std::string(1 << 16, 'a'), std::string(1000, '.'),
        std::string("null"), std::string("{}"), std::string("\0", 1),
        base64url("{}") + "." + base64url("{}") + "."}) {
    expect_refused(token, "\"" + token.substr(0, 40) + "\"");
  }
}

TEST_F(AuthPlugin, RefusesAGoodTokenThatWasChanged) {
  const std::string token = good_token();
  if (token.empty()) GTEST_SKIP() << kNeedsToken;
  auto chance = PluginTest::chance();
  for (int i = 0; i < 100; ++i) {
    std::string changed = token;
    // Some digits at the end of a part carry no bits: those before always do.
    const size_t at = below(chance, token.size() * 2 / 3);
    if (changed[at] == '.' || token.substr(at, 3).find('.') != std::string::npos) continue;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    if (changed == token) continue;
    expect_refused(changed, "a token whose byte " + std::to_string(at) + " was changed");
  }
  for (int i = 0; i < 20; ++i) {
    const size_t size = below(chance, token.size() - 2);
    expect_refused(token.substr(0, size), "a token cut after " + std::to_string(size) + " bytes");
  }
}

TEST_F(AuthPlugin, IsNotConfusedByAlgorithms) {
  const std::string token = good_token();
  if (token.empty()) GTEST_SKIP() << kNeedsToken;
  const std::vector<std::string> parts = parts_of(token);
  if (parts.size() != 3 || !parts[0].starts_with("ey")) GTEST_SKIP() << "has no signed JSON tokens";
  for (const char* name :
       {"none", "None", "NONE", "nOnE", "", "HS256", "HS384", "RS256", "ES256", "EdDSA", "PS256"}) {
    const std::string head = base64url(Parsed{{"alg", name}, {"typ", "JWT"}}.dump());
    if (head == parts[0]) continue;
    const std::string said = std::string("a token that says alg ") + name;
    expect_refused(head + "." + parts[1] + ".", said + " and has no signature");
    // The plugin's own token may have this algorithm and another header.
    const std::string same = head + "." + parts[1] + "." + parts[2];
    expect_refused(same, said + " with the signature of another header");
  }
  const std::string other =
      base64url(R"({"room":"*","user":{"id":"eve"},"permission":"read-write","exp":99999999999})");
  expect_refused(parts[0] + "." + other + "." + parts[2], "the claims of another");
  expect_refused(parts[0] + "." + parts[1] + ".", "a token without its signature");
}

TEST_F(AuthPlugin, LetsNobodyInByAnOldToken) {
  if (minted(3600).empty()) GTEST_SKIP() << "makes no tokens";
  const std::string old = minted(-3600);
  if (old.empty()) return;
  EXPECT_FALSE(identify(old).in) << "a token that ended an hour ago";
}

TEST_F(AuthPlugin, RefusesClaimsThatAreNone) {
  const auto* table = plugin().service<freshet_auth>();
  for (const std::string& claims : {std::string(), std::string("[]"), std::string("{"),
                                    std::string("7"), std::string("\0", 1)}) {
    testing::Answer answer;
    table->mint(table->self, to_c(std::string_view(claims)), answer.reply());
    EXPECT_NE(answer.wait(), Status::ok) << "made a token for the claims " << claims;
  }
}

TEST_F(AuthPlugin, AnswersManyAtOnceInTime) {
  const std::string token = good_token();
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&, i] {
      for (int times = 0; times < 50; ++times) {
        static_cast<void>(identify(i % 2 == 0 ? token : "no token " + std::to_string(times)));
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_LT(std::chrono::steady_clock::now() - began, kAuthDeadline)
      << "a client that connects would be told to come back";
}

TEST_F(AuthPlugin, KeepsNothingOfThoseWhoAsked) {
  const auto* table = plugin().raw<freshet_auth>();
  const auto rounds = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const Asked asked("no token");
      testing::Answer answer;
      table->identify(table->self, &asked.request, answer.reply());
      static_cast<void>(answer.wait());
    }
  };
  rounds(kCallRounds / 10);
  const Resources before = Resources::now();
  rounds(kCallRounds);
  const Resources after = Resources::settled(before);
  EXPECT_LE(after.files, before.files + 4);
  EXPECT_LE(after.bytes, before.bytes + size_t{kCallRounds} * kLeakBytes / 4)
      << "memory of " << kCallRounds << " calls stays";
}

TEST_F(AuthPlugin, AnswersNobodyWhenItIsGone) {
  const Asked asked("no token");
  const auto answer = std::make_unique<testing::Answer>();
  const auto* table = plugin().service<freshet_auth>();
  table->identify(table->self, &asked.request, answer->reply());
  end_plugin();
  std::this_thread::sleep_for(kLateAnswer);
  EXPECT_LE(answer->times_done(), 1);
}

}  // namespace
}  // namespace freshet::check
