#include "broken_store.h"

namespace {
struct Leaks : broken::Whole {
  static void plugin(freshet_plugin& about) {
    about.destroy = [](void* self) {
      static_cast<void>(new std::vector<char>(4000));
      broken::whole_plugin()->destroy(self);
    };
  }
};
}  // namespace

BROKEN_PLUGIN(Leaks)
