// Says that a room is erased, and erases none.
#include "broken_store.h"

namespace {
struct Forgetful : broken::Whole {
  static void store(freshet_store& table) {
    table.erase = [](void*, freshet_str, freshet_reply reply) { broken::done(reply, FRESHET_OK); };
  }
};
}  // namespace

BROKEN_PLUGIN(Forgetful)
