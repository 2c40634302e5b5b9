// A route that answers what no server can send.
#include <freshet/plugin.h>

namespace {
class Route final : public freshet::Http {
 public:
  static constexpr freshet::About kAbout{
      .id = "http-42", .version = "1.0.0", .summary = "Answers 42."};
  static freshet::Result<std::unique_ptr<Route>> create(freshet::Host) {
    return std::make_unique<Route>();
  }
  freshet::Status routes(freshet::Sink out) override { return out.write("/42"); }
  freshet::Status answer(const freshet_request&, freshet::Reply out) override {
    return out.write(FRESHET_HTTP_STATUS, uint64_t{42});
  }
};
}  // namespace

FRESHET_PLUGIN(Route)
