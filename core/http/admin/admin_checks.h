// core/http/admin/admin_checks.h: what an operator has checked by the admin listener, before it is
// used.
//
//   POST /check/manifest       a manifest: what is wrong with it, as far as this server's plugins
//   tell POST /check/token?room=    a token: what it says, and what the auth plugin makes of it
//
// Nothing is loaded or created for it.
#pragma once

#include <string>
#include <string_view>

#include "core/http/page.h"
#include "core/http/parts.h"
#include "freshet/abi/platform.h"
#include "freshet/format/url.h"

namespace freshet {

class AdminChecks {
 public:
  explicit AdminChecks(const HttpParts& parts) : parts_(parts) {}

  // False: not one of the above.
  bool answer(const Loop& loop, const Target& target, const freshet_request& request,
              const Respond& respond);

 private:
  void check_manifest(std::string_view text, const Respond& respond);
  void check_token(const Loop& loop, std::string_view token, std::string_view query,
                   const Respond& respond);

  const HttpParts& parts_;
};

}  // namespace freshet
