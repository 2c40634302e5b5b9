#include "broken_store.h"

namespace {
struct Twice : broken::Whole {
  static void store(freshet_store& table) {
    table.erase = [](void* self, freshet_str room, freshet_reply reply) {
      broken::whole_store.erase(self, room, reply);
      broken::done(reply, FRESHET_OK);
    };
  }
};
}  // namespace

BROKEN_PLUGIN(Twice)
