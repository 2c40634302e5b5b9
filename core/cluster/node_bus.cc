#include "core/cluster/node_bus.h"

#include <memory>
#include <utility>

#include "core/cluster/limits.h"
#include "core/report/in_plugin.h"
#include "freshet/sink.h"

namespace freshet {

NodeBus::NodeBus(const freshet_bus* bus, std::string_view plugin, Replies& replies,
                 Metrics& metrics)
    : bus_(bus),
      replies_(replies),
      publish_call_(std::string(plugin) + ".publish"),
      said_(metrics.counter("freshet_bus_said_total", "Messages to other nodes.")),
      unsaid_(metrics.counter("freshet_bus_unsaid_total",
                              "Messages that the bus did not take: others find in the store what "
                              "they lack.")),
      unread_(metrics.counter("freshet_bus_unread_total",
                              "Messages of other nodes that are damaged, or of a release that this "
                              "one does not know: what they were about is found in the store.")) {
  if (bus_ == nullptr) return;
  subscribe_.emplace(replies, plugin, "subscribe", std::initializer_list<Status>{Status::ok});
  traits_.size = sizeof(traits_);
  bus_->traits(bus_->self, &traits_);
  place_ = view(traits_.place);
}

// A server on its own claims it for itself. FNV-1a, over the place again for each byte.
freshet_node NodeBus::claimant(const freshet_node& self) const {
  if (!there()) return self;
  freshet_node all{};
  uint64_t h = 0xcbf29ce484222325u;
  for (uint8_t& byte : all.run) {
    for (const char c : place_) h = (h ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
    byte = static_cast<uint8_t>(h >> 32);
  }
  return all;
}

void NodeBus::subscribe(uint32_t shard, std::string_view room, std::function<void()> done) {
  auto call =
      std::make_unique<SimpleCall>([done = std::move(done)](Status, const ReplyItems&) { done(); },
                                   "room \"" + std::string(room) + "\"");
  const InPlugin inside(subscribe_->function.name().c_str());
  bus_->subscribe(bus_->self, to_c(room),
                  replies_.expect(*subscribe_, shard, std::move(call), kSubscribeMs, 0));
}

void NodeBus::unsubscribe(std::string_view room) {
  if (there()) bus_->unsubscribe(bus_->self, to_c(room));
}

bool NodeBus::publish(std::string_view room, Bytes message) {
  if (!there()) return false;
  const InPlugin inside(publish_call_.c_str());
  const bool taken = Status{bus_->publish(bus_->self, to_c(room), to_c(message))} == Status::ok;
  (taken ? said_ : unsaid_).add();
  return taken;
}

}  // namespace freshet
