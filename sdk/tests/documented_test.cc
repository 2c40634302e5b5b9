// Classes that the pages show in part: docs/apps.md and docs/plugin-guide.md have these lines, word
// for word, and tests/sdk/snippets_test.py looks whether they do.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "freshet/plugin.h"
#include "freshet/testing.h"

namespace freshet::testing {
namespace {

class Chat final : public freshet::App {
 public:
  static constexpr freshet::About kAbout{.id = "chat", .version = "1.0.0", .summary = "Our chat."};
  static freshet::Result<std::unique_ptr<Chat>> create(freshet::Host host);

  freshet::AppWants wants() override {
    return {.notices = 1u << FRESHET_USER_CONNECTED | 1u << FRESHET_ROOM_DELETED,
            .states = 1u << FRESHET_ROOM_DELETED};
  }
  freshet::Status notice(const freshet_notice& notice) override;
  const freshet::Router* router() const override { return &router_; }

 private:
  freshet::Router router_;
};

freshet::Result<std::unique_ptr<Chat>> Chat::create(freshet::Host) {
  return std::make_unique<Chat>();
}

freshet::Status Chat::notice(const freshet_notice&) { return Status::ok; }

// What a class like it may have besides.
class Door final : public freshet::App {
 public:
  Door() {
    router_.add("sendMessage")
        .input(R"({"type": "object", "required": ["text"],
                   "properties": {"text": {"type": "string", "maxLength": 1000}}})")
        .output("receiveMessage",
                R"({"type": "object", "properties": {"text": {"type": "string"}}})")
        .broadcast([](const freshet::Call& call, freshet::Events& events) {
          return events.send("receiveMessage", call.input());
        });
  }

  freshet::AppWants wants() override { return {.vetoes = FRESHET_VETO_JOIN | FRESHET_VETO_EDIT}; }

  freshet::Status before_join(const freshet_intent& who, freshet::Reply out) override {
    return may_come(who) ? freshet::Status::ok : freshet::refuse(out, "This room is for members.");
  }
  freshet::Status before_edit(const freshet_intent& what, freshet::Reply out) override {
    return is_good(what.update) ? freshet::Status::ok : freshet::refuse(out, "Not after six.");
  }

  bool settled() override { return unsent_ == 0; }  // an atomic: notice() runs on other threads

  const freshet::Router* router() const override { return &router_; }
  std::atomic<int> unsent_ = 0;

 private:
  static bool may_come(const freshet_intent& who) { return view(who.user).size() > 0; }
  static bool is_good(freshet_bytes update) { return view(update).size() > 0; }

  freshet::Router router_;
};

class MyAuth final : public freshet::Auth {
 public:
  static constexpr freshet_setting kSettings[] = {setting::text("secret", "", "Who knows it.")};
  static constexpr freshet::About kAbout{
      .id = "my-auth", .version = "1.0.0", .settings = kSettings};

  struct Options {
    std::string secret;
  };

  static Options read_settings(freshet::Given given, freshet::Faults& faults) {
    Options out{std::string(given.text("secret"))};
    if (out.secret.size() < 32) faults.add("secret", "is shorter than 32 bytes");
    return out;
  }

  static freshet::Result<std::unique_ptr<MyAuth>> create(freshet::Host host, Options options);

  explicit MyAuth(std::string secret) : secret_(std::move(secret)) {}
  Status identify(const freshet_auth_request&, Reply) override { return Status::unsupported; }
  const std::string secret_;
};

freshet::Result<std::unique_ptr<MyAuth>> MyAuth::create(freshet::Host, Options options) {
  return std::make_unique<MyAuth>(std::move(options.secret));
}

TEST(AnAppOfThePage, SaysWhatItWantsToBeToldOf) {
  const FakeHost host;
  const auto chat = make_plugin<Chat>(host.host());
  ASSERT_TRUE(chat);
  EXPECT_EQ((*chat)->wants().states, 1u << FRESHET_ROOM_DELETED);
  EXPECT_TRUE((*chat)->router()->procedures().empty());
}

TEST(AnAppOfThePage, RefusesWithWordsAndHasAProcedure) {
  Door door;
  EXPECT_EQ(door.wants().vetoes, FRESHET_VETO_JOIN | FRESHET_VETO_EDIT);
  Answer answer;
  EXPECT_EQ(door.before_join({}, Reply(answer.reply())), Status::denied);
  EXPECT_EQ(answer.find(FRESHET_APP_REASON)->text(), "This room is for members.");
  EXPECT_NE(door.router()->find("sendMessage"), nullptr);
  EXPECT_TRUE(door.settled());
  door.unsent_ = 1;
  EXPECT_FALSE(door.settled());
}

TEST(SettingsOfThePage, ASecretThatIsTooShortCreatesNothing) {
  FakeHost host{MyAuth::kSettings};
  host.set("secret", "short");
  EXPECT_EQ(make_plugin<MyAuth>(host.host()).status(), Status::malformed);
  EXPECT_TRUE(host.logged("is shorter than 32 bytes")) << host.log();
  host.set("secret", std::string(32, 'x'));
  const auto auth = make_plugin<MyAuth>(host.host());
  ASSERT_TRUE(auth);
  EXPECT_EQ((*auth)->secret_, std::string(32, 'x'));
}

}  // namespace
}  // namespace freshet::testing
