// freshet/testing/app_caller.h: an app, asked through its C table as a server asks it.
#pragma once

#include <string>
#include <string_view>

#include "freshet/abi/app.h"
#include "freshet/testing.h"

namespace freshet::testing {

class AppCaller {
 public:
  explicit AppCaller(const freshet_app* app) : app_(*app) {}

  struct Verdict {
    Status status;
    std::string reason;
  };
  // `user`: JSON; empty: anonymous. REQUIRES: the app has the function.
  Verdict before_join(std::string_view room, std::string_view user) const {
    return ask(app_.before_join, room, user, {});
  }
  Verdict before_edit(std::string_view room, std::string_view user, std::string_view update) const {
    return ask(app_.before_edit, room, user, update);
  }
  // freshet_app_wants.vetoes
  uint32_t vetoes() const {
    freshet_app_wants out{};
    out.size = sizeof(out);
    app_.wants(app_.self, &out);
    return out.vetoes;
  }

 private:
  using Question = void (*)(void*, const freshet_intent*, freshet_reply);

  Verdict ask(Question question, std::string_view room, std::string_view user,
              std::string_view update) const {
    freshet_intent about{};
    about.size = sizeof(about);
    about.room = to_c(room);
    about.session = 1;
    if (!user.empty()) about.user = to_c(user);
    about.unix_ms = 1'700'000'000'000;
    about.format = 1;  // FRESHET_UPDATE_V1
    about.update = to_c(as_bytes(update));
    Answer answer;
    question(app_.self, &about, answer.reply());
    const Status status = answer.wait();
    const Answer::Item* reason = answer.find(FRESHET_APP_REASON);
    return {status, reason == nullptr ? "" : reason->text()};
  }

  const freshet_app& app_;
};

}  // namespace freshet::testing
