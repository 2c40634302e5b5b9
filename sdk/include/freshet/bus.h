// freshet/bus.h: a bus plugin in C++. See abi/bus.h for what each function promises.
#pragma once

#include <string_view>

#include "freshet/abi/bus.h"
#include "freshet/service.h"

namespace freshet {

struct BusTraits {
  std::string_view place;  // lives as long as the bus
  uint64_t most_bytes = 0;
  uint64_t cheap_bytes = 0;
};

// What a bus tells the core of its node. A cheap handle. [any]
class Hearer {
 public:
  explicit Hearer(const freshet_hearer* c) : c_(c) {}

  void hear(std::string_view topic, Bytes message) const {
    c_->hear(c_->ctx, to_c(topic), to_c(message));
  }
  void missed() const { c_->missed(c_->ctx); }

 private:
  const freshet_hearer* c_;
};

// Called by any thread, several at once, but for the first two. Nothing here blocks but start().
class Bus {
 public:
  virtual BusTraits traits() = 0;           // [main]
  virtual Status start(Hearer hearer) = 0;  // [main]
  // Answers, now or later.
  virtual void subscribe(std::string_view topic, LateReply done) = 0;
  virtual void unsubscribe(std::string_view topic) = 0;
  virtual Status publish(std::string_view topic, Bytes message) = 0;

 protected:
  ~Bus() = default;  // never deleted through the interface
};

template <>
class Bound<Bus> : detail::BoundTo<Bus> {
 public:
  static constexpr const char* kId = FRESHET_BUS_ID;

  Bound(Bus& impl, Host host) : BoundTo(impl, host) { table_.self = self(); }
  const freshet_bus* table() const { return &table_; }

 private:
  // One that throws has not kept the reply.
  static void subscribe(void* self, freshet_str topic, freshet_reply reply) noexcept {
    const freshet_status status = call(self, [&](Bus& bus) {
      bus.subscribe(view(topic), LateReply(reply));
      return Status::ok;
    });
    if (status != FRESHET_OK) reply.to->done(reply.to->ctx, reply.token, status);
  }

  freshet_bus table_ = {
      .size = sizeof(freshet_bus),
      .self = nullptr,
      .traits =
          [](void* self, freshet_bus_traits* out) {
            run(self, [&](Bus& bus) {
              const BusTraits traits = bus.traits();
              *out = {sizeof(*out), to_c(traits.place), traits.most_bytes, traits.cheap_bytes};
            });
          },
      .start =
          [](void* self, const freshet_hearer* hearer) {
            return call(self, [&](Bus& bus) { return bus.start(Hearer(hearer)); });
          },
      .subscribe = subscribe,
      .unsubscribe =
          [](void* self, freshet_str topic) {
            run(self, [&](Bus& bus) { bus.unsubscribe(view(topic)); });
          },
      .publish =
          [](void* self, freshet_str topic, freshet_bytes message) {
            return call(self, [&](Bus& bus) { return bus.publish(view(topic), view(message)); });
          },
  };
};

}  // namespace freshet
