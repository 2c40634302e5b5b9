// core/live/live.h: looking at the server while it runs: what it does, its rooms, one of them
// closely, its log and its plugins, as they change. A WebSocket of the admin listener, /live;
// docs/operations.md has its messages.
//
// A looker's connection is one like any other, with a wire of the core's own: how it waits, lags
// and ends is how connections do.
//
// Nothing is computed for what nobody looks at. What somebody looks at is computed in bounded
// turns, so often and no oftener (limits.h).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/audience/wire.h"
#include "core/live/lookout.h"
#include "core/live/lookouts.h"

namespace freshet {

class Live {
 public:
  // REQUIRES: the shards are there.
  explicit Live(Lookouts::Parts parts);
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  void start();  // [main], once

  static constexpr std::string_view kPath = "/live";
  // For a link of a looker. Who has the key already, or needs none, is one that may write.
  const Wire& wire() const { return wire_; }

 private:
  freshet_protocol make_table();

  Lookouts lookouts_;
  std::vector<std::unique_ptr<Lookout>> owned_;
  const freshet_protocol table_;
  Wire wire_;
};

}  // namespace freshet
