#include <stdexcept>

#include "broken_store.h"

namespace {
struct Throws : broken::Whole {
  static void store(freshet_store& table) {
    table.erase = [](void* self, freshet_str room, freshet_reply reply) {
      broken::whole_store.erase(self, room, reply);
      throw std::runtime_error("no luck");
    };
  }
};
}  // namespace

BROKEN_PLUGIN(Throws)
