#include "core/live/live.h"

#include <utility>

#include "core/shards/links.h"

namespace freshet {
namespace {

// Both ends of a looker's connection are on the loop that this is called on.
Lookout& lookout_of(void* lookouts, Link& link) {
  return static_cast<Lookouts*>(lookouts)->at(link.home().loop().shard());
}

// As the protocol of a connection knows it.
struct Seat {
  Lookout& lookout;
  Looker* looker;
};

}  // namespace

Live::Live(Lookouts::Parts parts)
    : lookouts_(std::move(parts)),
      table_(make_table()),
      wire_{.protocol = &table_,
            .plugin = "live",
            .index = 0,
            .traits = {},
            .routes = {},
            .calls = WireCalls("live")} {
  wire_.traits.size = sizeof(wire_.traits);
  wire_.traits.message_bytes = kLookerMessageBytes;
  const Shards& shards = lookouts_.parts().shards;
  for (size_t i = 0; i < shards.count(); ++i) {
    owned_.push_back(std::make_unique<Lookout>(lookouts_, shards.at(i).rooms));
    lookouts_.add(*owned_.back());
  }
}

Live::~Live() = default;

void Live::start() { lookouts_.start(); }

freshet_protocol Live::make_table() {
  freshet_protocol table{};
  table.size = sizeof(table);
  table.self = &lookouts_;
  table.routes = [](void*, const freshet_sink*) -> freshet_status { return FRESHET_OK; };
  table.traits = [](void*, freshet_traits*) {};
  table.open = [](void* self, const freshet_open* open, void** state) -> freshet_status {
    Link& link = Link::of(open->link);
    Lookout& lookout = lookout_of(self, link);
    // Before somebody is there who would have to be sent away.
    auto seat = std::make_unique<Seat>(Seat{lookout, nullptr});
    seat->looker =
        lookout.add(link, std::string(view(open->query)), open->permission == FRESHET_READ_WRITE);
    if (seat->looker == nullptr) return FRESHET_LIMIT;
    *state = seat.release();
    return FRESHET_OK;
  };
  table.message = [](void*, void* state, freshet_bytes message, int) {
    const Seat& seat = *static_cast<Seat*>(state);
    return static_cast<freshet_status>(seat.lookout.hear(*seat.looker, view(message)));
  };
  table.close = [](void*, void* state) {
    const std::unique_ptr<Seat> seat(static_cast<Seat*>(state));
    seat->lookout.remove(*seat->looker);
  };
  table.encode = [](void*, const freshet_delivery*, const freshet_sink*) -> freshet_status {
    return FRESHET_NOT_FOUND;
  };
  return table;
}

}  // namespace freshet
