#include <unistd.h>

#include "../stores/broken_store.h"

namespace {
struct Hangs : broken::Whole {
  static void plugin(freshet_plugin& about) {
    about.create = [](const freshet_host*, void**) -> freshet_status {
      while (true) ::pause();
    };
  }
};
}  // namespace

BROKEN_PLUGIN(Hangs)
