// held_closes.h: connections of one loop whose close is held back, the oldest first.
#pragma once

#include <cstddef>
#include <list>

namespace freshet::ws {

class Connection;

// Touched on its loop only. The connections are the loop's: each takes itself out before it goes.
class HeldCloses {
 public:
  using Place = std::list<Connection*>::iterator;

  explicit HeldCloses(size_t limit) : limit_(limit) {}

  bool takes_any() const { return limit_ > 0; }
  // Who must go before another comes; null: nobody.
  Connection* too_many() const { return held_.size() < limit_ ? nullptr : held_.front(); }
  Place add(Connection& connection) { return held_.insert(held_.end(), &connection); }
  void remove(Place place) { held_.erase(place); }

 private:
  const size_t limit_;
  std::list<Connection*> held_;
};

}  // namespace freshet::ws
