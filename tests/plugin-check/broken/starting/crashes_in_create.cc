#include "../stores/broken_store.h"

namespace {
int* volatile nowhere = nullptr;

struct Crashes : broken::Whole {
  static void plugin(freshet_plugin& about) {
    about.create = [](const freshet_host*, void**) -> freshet_status { return *nowhere; };
  }
};
}  // namespace

BROKEN_PLUGIN(Crashes)
