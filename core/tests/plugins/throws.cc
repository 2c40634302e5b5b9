// A plugin that throws: in create() through the SDK's wrapper, or past it, as raw C++ would, in the
// function that STUB_RAW names.
#include <stdexcept>

#include "freshet/plugin.h"

namespace {

class Throws final : public freshet::Auth {
 public:
  static constexpr freshet::About kAbout{.id = STUB_ID, .version = "1.0.0"};
  static freshet::Result<std::unique_ptr<Throws>> create(freshet::Host) {
    throw std::runtime_error("no such day");
  }
  freshet::Status identify(const freshet_auth_request&, freshet::Reply) override {
    return freshet::Status::unsupported;
  }
};

}  // namespace

#ifdef STUB_RAW
namespace {

enum class Call { create, service, destroy, check_settings };
constexpr Call kThrows = Call::STUB_RAW;

void reach(Call call) {
  if (call != kThrows) return;
#ifdef STUB_ODD
  throw 42;
#else
  throw std::runtime_error("no such day");
#endif
}

freshet_status raw_create(const freshet_host*, void**) {
  reach(Call::create);
  return FRESHET_OK;
}
const void* raw_service(void*, const char*) {
  reach(Call::service);
  return nullptr;
}
void raw_destroy(void*) { reach(Call::destroy); }
freshet_status raw_check_settings(const freshet_host*, const freshet_faults*) {
  reach(Call::check_settings);
  return FRESHET_OK;
}

const freshet_plugin* raw() {
  static constexpr const char* kNothing[] = {nullptr};
  static freshet_plugin about = *freshet::detail::describe<Throws>();
  about.create = raw_create;
  about.service = raw_service;
  about.destroy = raw_destroy;
  about.check_settings = raw_check_settings;
  if (kThrows == Call::destroy || kThrows == Call::check_settings) about.offers = kNothing;
  return &about;
}

}  // namespace
extern "C" FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) { return raw(); }
#else
FRESHET_PLUGIN(Throws)
#endif
