#include "../stores/broken_store.h"

namespace {
struct Newer : broken::Whole {
  static void plugin(freshet_plugin& about) { about.abi = 7; }
};
}  // namespace

BROKEN_PLUGIN(Newer)
