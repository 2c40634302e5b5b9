// core/cli/plugins/new_plugin.h: `freshet plugin new`: a folder to begin a plugin from.
//
// It is put together of sdk/template/project, of the folders there for its language, and of
// sdk/examples/<kind>, in this order; a file that several of them have is their texts one after the
// other. What they call my-plugin, or my-<kind>, is called as the plugin is.
#pragma once

#include <string>

#include "core/cli/exit_code.h"

namespace freshet::cli {

struct NewPlugin {
  bool wanted = false;  // it is what the operator asked for
  std::string name;     // also of its folder, within the working directory
  std::string kind;     // "store"
  std::string language = "cpp";
  bool list = false;  // tell what there is to begin from, and make nothing
};

// Says on stdout what it made and what comes next. Makes nothing and says why on stderr for a name,
// a kind or a language that it does not take (kUsage), or a folder that is there (kFailed).
ExitCode new_plugin(const NewPlugin& wanted);

}  // namespace freshet::cli
