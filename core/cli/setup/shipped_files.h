// core/cli/setup/shipped_files.h: files of the tree's root, as they are in the program.
#pragma once

#include <span>

#include "core/cli/embedded_file.h"

namespace freshet::cli {

// freshet.toml. Written by tools/embed_files.py.
std::span<const EmbeddedFile> shipped_files();

}  // namespace freshet::cli
