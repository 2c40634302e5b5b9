// core/cli/plugins/template_files.h: sdk/template and sdk/examples, as they are in the program.
#pragma once

#include <span>

#include "core/cli/embedded_file.h"

namespace freshet::cli {

// By path, below sdk/, or of the tree's root. Written by tools/embed_files.py.
std::span<const EmbeddedFile> template_files();

}  // namespace freshet::cli
