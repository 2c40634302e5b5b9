#include "studio/studio.h"

#include "freshet/format/route.h"

namespace freshet::studio {
namespace {

// Nothing but the server's own, and no script or style that is not a file of it: names of rooms and
// people are whatever somebody chose.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace

Studio::Options Studio::read_settings(Given given, Faults& faults) {
  Options out{.route = read_route(given, "route", faults)};
  // The page asks what is beside it, and does not know how deep it is.
  if (out.route.rfind('/') > 0) faults.add("route", "must be of one part, as \"/studio\" is");
  return out;
}

Result<std::unique_ptr<Studio>> Studio::create(Host /*host*/, Options options) {
  return std::unique_ptr<Studio>(new Studio(std::move(options)));
}

Studio::Studio(Options options)
    : options_(std::move(options)), files_(options_.route, page_files(), "studio.html", kPolicy) {}

Status Studio::answer(const freshet_request& request, Reply out) {
  return files_.answer(request, out);
}

}  // namespace freshet::studio
