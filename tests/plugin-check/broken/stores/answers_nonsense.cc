#include "broken_store.h"

namespace {
struct Nonsense : broken::Whole {
  static void store(freshet_store& table) {
    table.check = [](void*, freshet_reply reply) { broken::done(reply, 77); };
  }
};
}  // namespace

BROKEN_PLUGIN(Nonsense)
