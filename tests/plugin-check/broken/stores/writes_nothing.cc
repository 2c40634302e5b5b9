// Says that rows are written, and writes none.
#include "broken_store.h"

namespace {
struct Forgetful : broken::Whole {
  static void store(freshet_store& table) {
    table.append = [](void*, const freshet_batch*, freshet_reply reply) {
      broken::done(reply, FRESHET_OK);
    };
  }
};
}  // namespace

BROKEN_PLUGIN(Forgetful)
