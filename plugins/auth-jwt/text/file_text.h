// file_text.h: a small file, whole.
#pragma once

#include <optional>
#include <string>

namespace freshet::jwt {

// Nothing, and why in `why`, if it cannot be read or has more than kMaxKeyFileBytes.
std::optional<std::string> read_file(const std::string& path, std::string& why);

}  // namespace freshet::jwt
