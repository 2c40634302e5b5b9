#include "core/cluster/bus_ears.h"

#include <utility>

#include "freshet/sink.h"

namespace freshet {

// Without memory for it a message is missed, as any may be.
BusEars::BusEars()
    : c_{.size = sizeof(freshet_hearer),
         .ctx = this,
         .hear =
             [](void* ctx, freshet_str topic, freshet_bytes message) {
               auto& self = *static_cast<BusEars*>(ctx);
               const std::lock_guard lock(self.mutex_);
               if (!self.listener_.hear) return;
               static_cast<void>(if_memory([&] {
                 self.listener_.hear(view(topic), view(message));
                 return Status::ok;
               }));
             },
         .missed =
             [](void* ctx) {
               auto& self = *static_cast<BusEars*>(ctx);
               const std::lock_guard lock(self.mutex_);
               if (self.listener_.missed) self.listener_.missed();
             }} {}

void BusEars::open(Listener listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

void BusEars::close() { open({}); }

}  // namespace freshet
