#include "core/cli/doctor/far/far.h"

#include <optional>

#include "core/cli/doctor/far/far_answers.h"
#include "core/cli/doctor/far/far_end.h"

namespace freshet::cli {
namespace {

// Whether the same is told to who comes from no page: a client that is no browser.
bool is_told_to_all(const Farewell& farewell, const Url& url) {
  FarEnd far(url);
  if (far.reach() || far.open_websocket("") != 101) return false;
  const auto told = farewell_in(far.hear());
  return told && told->reason == farewell.reason;
}

}  // namespace

void check_backend(const std::string& whose, const std::string& text, Findings& out) {
  const auto url = Url::parse(text);
  const std::string shown = without_secrets(text);
  if (!url)
    return out.wrong("backend", whose + ": \"" + shown + "\" is no URL",
                     "one like https://app.example.com/hooks");
  FarEnd far(*url);
  if (const auto trouble = far.reach())
    return out.wrong("backend", whose + ": " + shown + ": " + trouble->what, trouble->fix);
  out.good("backend", whose + ": " + shown + " can be reached");
}

void check_public_url(const std::string& text, const std::string& origin, Findings& out) {
  const auto url = Url::parse(text);
  const std::string shown = without_secrets(text);
  if (!url)
    return out.wrong("url", "\"" + shown + "\" is no URL",
                     "one like wss://collab.example.com/yjs/my-room");
  std::optional<FarEnd> far(std::in_place, *url);
  if (const auto trouble = far->reach())
    return out.wrong("url", shown + ": " + trouble->what, trouble->fix);
  const unsigned status = far->open_websocket(origin);
  if (status != 101) {
    const Trouble trouble = trouble_of_status(status, far->heard(), *url);
    return out.wrong("url", shown + ": " + trouble.what, trouble.fix);
  }
  const auto farewell = farewell_in(far->hear());
  far.reset();  // some have room for one only
  if (!farewell) {
    return out.good("url", shown + " opens" + (origin.empty() ? "" : " from a page of " + origin));
  }
  const bool as_page = !origin.empty() && is_denial(*farewell) && !is_told_to_all(*farewell, *url);
  Finding finding = finding_of(*farewell, *url, origin, as_page);
  finding.what = shown + " " + finding.what;
  out.add(std::move(finding));
}

}  // namespace freshet::cli
