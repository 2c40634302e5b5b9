// core/live/server/seconds.h: what the server did in each second, while somebody looks at it.
//
// Lives on the loop of those who look.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "core/live/server/figures.h"

namespace freshet {

class Seconds {
 public:
  // Both outlive it.
  Seconds(const Loop& loop, const Metrics& metrics, const Shards& shards)
      : loop_(loop), metrics_(metrics), shards_(shards) {}
  Seconds(const Seconds&) = delete;
  Seconds& operator=(const Seconds&) = delete;

  // Of the last one, as an object; nothing: it is not over, or the first has just begun. Often.
  std::optional<nlohmann::json> look(uint64_t now_ms);
  // Nobody looks meanwhile.
  void forget() { before_.reset(); }

 private:
  const Loop loop_;
  const Metrics& metrics_;
  const Shards& shards_;
  std::optional<Figures> before_;
  uint64_t due_ms_ = 0;
};

}  // namespace freshet
