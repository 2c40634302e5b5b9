// An app whose calls hang: every notice of messages and of people waits while a file exists.
#include <chrono>
#include <filesystem>
#include <thread>

#include "freshet/plugin.h"

namespace freshet {
namespace {

class HangingApp final : public App {
 public:
  static constexpr freshet_setting kSettings[] = {setting::required(
      setting::text("hangs_while", nullptr, "A file: calls hang while it exists."))};
  static constexpr About kAbout{.id = "hanging-app",
                                .version = "1.0.0",
                                .summary = "An app whose calls hang, for the soak.",
                                .settings = kSettings};
  static Result<std::unique_ptr<HangingApp>> create(Host host) {
    return std::make_unique<HangingApp>(host.text("hangs_while"));
  }

  explicit HangingApp(std::string_view file) : file_(file) {}
  AppWants wants() override {
    return {.notices = 1u << FRESHET_ROOM_MESSAGE | 1u << FRESHET_USER_CONNECTED |
                       1u << FRESHET_USER_DISCONNECTED};
  }
  Status notice(const freshet_notice&) override {
    std::error_code error;
    while (std::filesystem::exists(file_, error)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return Status::ok;
  }

 private:
  const std::filesystem::path file_;
};

}  // namespace
}  // namespace freshet

FRESHET_PLUGIN(freshet::HangingApp)
