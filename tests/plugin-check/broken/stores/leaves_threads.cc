#include <unistd.h>

#include <thread>

#include "broken_store.h"

namespace {
struct Leaves : broken::Whole {
  static void plugin(freshet_plugin& about) {
    about.create = [](const freshet_host* host, void** self) {
      std::thread([] { ::pause(); }).detach();
      return broken::whole_plugin()->create(host, self);
    };
  }
};
}  // namespace

BROKEN_PLUGIN(Leaves)
