// core/config/limits_schema.h: the [limits] section of a manifest: key, bounds, unit and help of
// each field of core/config/limits.h. The defaults are the ones there.
#pragma once

#include <span>

#include "core/config/limits.h"
#include "core/config/settings.h"

namespace freshet {

// One entry per field of Limits, without defaults.
std::span<const freshet_setting> limits_schema();

// The limits with what `written` says put over the defaults; mistakes go to `problems`.
Limits read_limits(const WrittenTable& written, const Section& section, Problems& problems);

// The value of the field `key`. REQUIRES: `key` is in the schema.
int64_t limit_value(const Limits& limits, std::string_view key);

}  // namespace freshet
