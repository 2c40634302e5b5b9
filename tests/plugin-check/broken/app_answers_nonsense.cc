// An app whose procedure sends what is no JSON.
#include <freshet/plugin.h>

namespace {
class App final : public freshet::App {
 public:
  static constexpr freshet::About kAbout{
      .id = "app-nonsense", .version = "1.0.0", .summary = "Says nonsense."};
  static freshet::Result<std::unique_ptr<App>> create(freshet::Host) {
    return std::make_unique<App>();
  }
  freshet::AppWants wants() override { return {.notices = 1u << FRESHET_USER_CONNECTED}; }
};

freshet_app table;

const void* service(void* self, const char* id) {
  const auto* whole =
      static_cast<const freshet_app*>(freshet::detail::describe<App>()->service(self, id));
  if (whole == nullptr) return nullptr;
  table = *whole;
  table.procedures = [](void*, const freshet_sink* out) -> freshet_status {
    return out->write(out->ctx, freshet::to_c(freshet::as_bytes(R"({"name":"say"})")));
  };
  table.call = [](void*, const freshet_call*, freshet_reply reply) {
    const freshet::Reply out(reply);
    static_cast<void>(out.write(FRESHET_CALL_EVENT, "said"));
    static_cast<void>(out.write(FRESHET_CALL_BROADCAST, "{hello"));
    reply.to->done(reply.to->ctx, reply.token, FRESHET_OK);
  };
  return &table;
}
}  // namespace

extern "C" FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) {
  static freshet_plugin about = [] {
    freshet_plugin out = *freshet::detail::describe<App>();
    out.service = service;
    return out;
  }();
  return &about;
}
