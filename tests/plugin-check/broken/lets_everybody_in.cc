// An auth plugin that takes whatever it is shown for a user's id.
#include <freshet/plugin.h>

namespace {
class Open final : public freshet::Auth {
 public:
  static constexpr freshet::About kAbout{
      .id = "auth-open", .version = "1.0.0", .summary = "Lets everybody in."};
  static freshet::Result<std::unique_ptr<Open>> create(freshet::Host) {
    return std::make_unique<Open>();
  }
  freshet::Status identify(const freshet_auth_request& request, freshet::Reply out) override {
    const std::string_view target = freshet::view(request.request->target);
    if (target.find("?token=") == std::string_view::npos) return freshet::Status::unauthenticated;
    FRESHET_CHECK(out.write(FRESHET_AUTH_USER, R"({"id":"somebody"})"));
    return freshet::Status::ok;
  }
};
}  // namespace

FRESHET_PLUGIN(Open)
