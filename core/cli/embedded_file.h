// core/cli/embedded_file.h: a file of the source tree that the program has in it, wherever it is
// installed.
#pragma once

#include <string_view>

namespace freshet::cli {

struct EmbeddedFile {
  std::string_view path;  // below the folder that it was taken from
  std::string_view text;
};

}  // namespace freshet::cli
