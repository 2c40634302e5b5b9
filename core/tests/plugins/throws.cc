// A plugin whose create() throws: through the SDK's wrapper, or past it as raw C++ would.
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

freshet_status raw_create(const freshet_host*, void**) { throw std::runtime_error("no such day"); }

const freshet_plugin* raw() {
  static freshet_plugin about = *freshet::detail::describe<Throws>();
  about.create = raw_create;
  return &about;
}

}  // namespace
extern "C" FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) { return raw(); }
#else
FRESHET_PLUGIN(Throws)
#endif
