#include <unistd.h>

#include "broken_store.h"

namespace {
struct Hangs : broken::Whole {
  static void store(freshet_store& table) {
    table.backup = [](void*, freshet_str, freshet_reply) {
      while (true) ::pause();
    };
  }
};
}  // namespace

BROKEN_PLUGIN(Hangs)
