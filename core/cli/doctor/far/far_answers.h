// core/cli/doctor/far/far_answers.h: what a status or a close code at the public URL comes from,
// and the fix of that.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/cli/doctor/far/far_end.h"
#include "core/cli/doctor/finding.h"

namespace freshet::cli {

// What a server says to who is not let in: a close, or the words of pluv before one.
struct Farewell {
  unsigned code;  // of WebSocket; 0: none was told yet
  std::string reason;
};

// In the frames that came first; nothing: it is a greeting, or silence.
std::optional<Farewell> farewell_in(std::string_view frames);

// It may be for the page that it comes from.
bool is_denial(const Farewell& farewell);

// A handshake that was not answered 101, but with this status and the beginning of this body.
Trouble trouble_of_status(unsigned status, std::string_view body, const Url& url);

// What is not good for a WebSocket that was opened and ended at once. `as_page`: only pages of
// `origin` are sent away so, others are not.
Finding finding_of(const Farewell& farewell, const Url& url, const std::string& origin,
                   bool as_page);

}  // namespace freshet::cli
