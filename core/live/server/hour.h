// core/live/server/hour.h: what the server did in the last hour, which is kept always, so that who
// comes to look sees it.
//
// One for the whole server, on one of its loops.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "core/live/server/figures.h"

namespace freshet {

class Hour {
 public:
  // Both outlive it, and it the loop.
  Hour(const Loop& loop, const Metrics& metrics, const Shards& shards)
      : loop_(loop), metrics_(metrics), shards_(shards) {}
  Hour(const Hour&) = delete;
  Hour& operator=(const Hour&) = delete;

  void start();                                                 // [main], once
  const Loop& loop() const { return loop_; }                    // [any]
  std::vector<FigureRow> rows() const { return past_.rows(); }  // [its loop]

 private:
  void note();

  const Loop loop_;
  const Metrics& metrics_;
  const Shards& shards_;
  std::optional<Figures> before_;
  FigureHistory past_;
};

// As lookers are told. [any]
nlohmann::json hour_picture(const std::vector<FigureRow>& rows);

}  // namespace freshet
