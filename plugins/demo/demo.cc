#include "demo/demo.h"

#include <algorithm>

#include "freshet/format/route.h"

namespace freshet::demo {
namespace {

constexpr std::string_view kFirst = "demo.html";
constexpr std::string_view kPlace = "@wire@";

// The editor makes its own styles, carets in the colours of people among them. The first page of
// the server has the demo in a frame.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

std::string first_page(std::string_view wire) {
  const auto files = page_files();
  const auto found = std::ranges::find(files, kFirst, &PageFile::path);
  std::string out(found->text);
  const size_t at = out.find(kPlace);
  // A route has no character that means anything in HTML but '&' and quotes, which read_settings()
  // has refused.
  if (at != std::string::npos) out.replace(at, kPlace.size(), wire);
  return out;
}

std::vector<PageFile> with_page(std::string_view page) {
  std::vector<PageFile> out;
  for (const PageFile& file : page_files()) {
    out.push_back({file.path, file.path == kFirst ? page : file.text});
  }
  return out;
}

}  // namespace

Demo::Options Demo::read_settings(Given given, Faults& faults) {
  Options out{.route = read_route(given, "route", faults),
              .wire = read_route(given, "wire", faults)};
  if (out.wire.find_first_of("\"'<>&") != std::string::npos) {
    faults.add("wire", "has a character that HTML cannot show as it is");
  }
  return out;
}

Result<std::unique_ptr<Demo>> Demo::create(Host /*host*/, Options options) {
  return std::unique_ptr<Demo>(new Demo(std::move(options)));
}

Demo::Demo(Options options)
    : options_(std::move(options)),
      page_(first_page(options_.wire)),
      files_(options_.route, with_page(page_), kFirst, kPolicy) {}

Status Demo::answer(const freshet_request& request, Reply out) {
  return files_.answer(request, out);
}

}  // namespace freshet::demo
