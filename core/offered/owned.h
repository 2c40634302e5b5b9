// core/offered/owned.h: what a plugin lends for the length of a call, to keep it for longer.
#pragma once

#include <string>

#include "freshet/sink.h"

namespace freshet {

inline std::string owned(freshet_str text) { return std::string(view(text)); }

}  // namespace freshet
