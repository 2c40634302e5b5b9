// core/cli/plugins/template_files.h: sdk/template and sdk/examples, as they are in the program.
#pragma once

#include <span>
#include <string_view>

namespace freshet::cli {

struct EmbeddedFile {
  std::string_view path;  // below sdk/, or of the tree's root
  std::string_view text;
};

// By path. Written by tools/embed_files.py.
std::span<const EmbeddedFile> template_files();

}  // namespace freshet::cli
