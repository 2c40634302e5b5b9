#include "core/shards/drain.h"

#include <utility>

#include "core/shards/links.h"
#include "core/shards/shard.h"

namespace freshet {
namespace {

constexpr uint32_t kCheckMs = 10;

}  // namespace

void Drain::start(std::function<void()> drained) {
  rooms_.close_to_joins();
  links_.send_away_who_comes();
  drained_ = std::move(drained);
  check();
}

void Drain::on_saved_elsewhere() {
  rooms_.loop().post([this] { ++saved_shards_; });
}

void Drain::tell_saved() {
  for (size_t i = 0; i < shards_.count(); ++i) shards_.at(i).drain.on_saved_elsewhere();
}

// Until there are none: of a room that a worker had, an app is told once more when it is back.
bool Drain::tell_changes() {
  bool any = false;
  rooms_.each_room([&](Room& room) { any |= room.apps().tell_changes(); });
  return any;
}

void Drain::check() {
  const OnShard here(rooms_.loop().shard());
  const Journal& journal = rooms_.journal();
  if (!std::exchange(worked_off_, worked_off_ || !rooms_.busy())) position_ = journal.last();
  if (worked_off_ && !saved_told_ && journal.saved() >= position_) {
    saved_told_ = true;
    rooms_.each_room([](Room& room) { room.on_window(); });
    tell_saved();
  }
  if (!links_told_ && saved_shards_ == shards_.count()) {
    links_told_ = true;
    links_.send_away();
  }
  const bool deserted = links_.empty() && rooms_.deserted() && !rooms_.busy();
  if (links_told_ && deserted && !tell_changes() && rooms_.idle()) {
    if (auto done = std::exchange(drained_, nullptr)) done();
    return;
  }
  rooms_.loop().after(kCheckMs, [](void* self) { static_cast<Drain*>(self)->check(); }, this);
}

}  // namespace freshet
