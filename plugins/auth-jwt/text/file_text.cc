#include "auth-jwt/text/file_text.h"

#include <cerrno>
#include <cstdio>
#include <memory>

#include "auth-jwt/limits.h"
#include "freshet/format/reason.h"

namespace freshet::jwt {

std::optional<std::string> read_file(const std::string& path, std::string& why) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rbe"), close);
  if (file == nullptr) {
    why = reason_of(errno);
    return std::nullopt;
  }
  std::string text(kMaxKeyFileBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    why = reason_of(errno);
    return std::nullopt;
  }
  if (text.size() > kMaxKeyFileBytes) {
    why = "more than " + std::to_string(kMaxKeyFileBytes) + " bytes";
    return std::nullopt;
  }
  return text;
}

}  // namespace freshet::jwt
