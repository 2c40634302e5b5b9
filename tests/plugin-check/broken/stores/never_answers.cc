#include "broken_store.h"

namespace {
struct Silent : broken::Whole {
  static void store(freshet_store& table) {
    table.backup = [](void*, freshet_str, freshet_reply) {};
  }
};
}  // namespace

BROKEN_PLUGIN(Silent)
