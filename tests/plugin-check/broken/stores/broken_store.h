// A store that is as it should be but for one thing.
#pragma once

#include "whole_store.h"

namespace broken {

// What a plugin of this folder does not change is the examples'.
struct Whole {
  static void plugin(freshet_plugin&) {}
  static void store(freshet_store&) {}
};

inline const freshet_plugin* whole_plugin() { return freshet::detail::describe<WholeStore>(); }

// The store's own table, behind the broken one. Of the one instance that there is at a time.
inline freshet_store whole_store;

template <class Broken>
const freshet_plugin* describe() {
  static freshet_plugin about = [] {
    freshet_plugin out = *whole_plugin();
    out.service = [](void* self, const char* id) -> const void* {
      static freshet_store table;
      const auto* whole = static_cast<const freshet_store*>(whole_plugin()->service(self, id));
      if (whole == nullptr) return nullptr;
      table = whole_store = *whole;
      Broken::store(table);
      return &table;
    };
    Broken::plugin(out);
    return out;
  }();
  return &about;
}

inline void done(freshet_reply reply, freshet_status status) {
  reply.to->done(reply.to->ctx, reply.token, status);
}

}  // namespace broken

#define BROKEN_PLUGIN(Class)                                                   \
  extern "C" FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) { \
    return broken::describe<Class>();                                          \
  }
