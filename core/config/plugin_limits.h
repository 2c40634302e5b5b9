// core/config/plugin_limits.h: [plugin.limits] of a manifest: how much of one plugin the server
// puts up with. By default: all of it.
#pragma once

#include <cstdint>

#include "core/config/settings.h"

namespace freshet {

// Of each of its functions that answer later; of a store, of `load` alone.
struct PluginLimits {
  // What becomes of those whose auth plugin is left alone.
  enum class WhileOpen {
    refuse,      // they come back later
    read,        // they come in as nobody, and read
    read_write,  // the same, and write
  };

  uint32_t calls = 0;          // not answered yet, at once; 0: any number
  uint32_t deadline_ms = 0;    // for an answer; 0: as [limits] has it for its kind
  uint32_t failures = 0;       // in a row, after which it is left alone; 0: it never is
  uint32_t pause_ms = 10'000;  // for so long
  WhileOpen while_open = WhileOpen::refuse;
  uint32_t line = 1;  // of the manifest
};

// What `written` says; mistakes go to `problems`.
PluginLimits read_plugin_limits(const WrittenTable& written, const Section& section,
                                Problems& problems);

}  // namespace freshet
