// The server's engine, which merges the first of many updates and lets the others go.
#include "crdt-native/native_crdt.h"

namespace {
freshet_crdt whole;
freshet_crdt table;

const void* service(void* self, const char* id) {
  const auto* found = static_cast<const freshet_crdt*>(
      freshet::detail::describe<freshet::NativeCrdt>()->service(self, id));
  if (found == nullptr) return nullptr;
  table = whole = *found;
  table.merge = [](void* of, uint32_t format, const freshet_bytes* updates, size_t count,
                   const freshet_sink* out) {
    return whole.merge(of, format, updates, count > 1 ? 1 : count, out);
  };
  return &table;
}
}  // namespace

extern "C" FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) {
  static freshet_plugin about = [] {
    freshet_plugin out = *freshet::detail::describe<freshet::NativeCrdt>();
    out.service = service;
    return out;
  }();
  return &about;
}
