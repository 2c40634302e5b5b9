#include "broken_store.h"

namespace {
int* volatile nowhere = nullptr;

struct Crashes : broken::Whole {
  static void store(freshet_store& table) {
    table.backup = [](void*, freshet_str, freshet_reply reply) { broken::done(reply, *nowhere); };
  }
};
}  // namespace

BROKEN_PLUGIN(Crashes)
