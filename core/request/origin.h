// core/request/origin.h: which web page a request comes from, as its browser says (RFC 6454).
#pragma once

#include <optional>
#include <string_view>

#include "freshet/abi/platform.h"

namespace freshet {

// The Origin header, which may be empty. Browsers send one with every handshake and with every
// request that could change something; nothing else does. Nothing: there is none.
std::optional<std::string_view> origin_of(const freshet_request& request);

// Whether an origin is a page that this machine serves itself.
bool is_local_origin(std::string_view origin);

}  // namespace freshet
