// core/residence/early.h: edits of other nodes that are in a room's document before it is known
// that they are stored.
//
// Each is kept until its writer's commit is heard of, or its row is read. One of which nothing is
// heard for long is stored by this node: its own may be no more, and a row that is there twice does
// no harm. Until then it counts as unsaved here, so that nobody is given it, or told that something
// is saved that goes on from it.
//
// Lives on the room's shard, owned by its tail. Where there is no bus it is always empty.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/cluster/bus_message.h"
#include "core/residence/residence.h"
#include "core/residence/room_services.h"

namespace freshet {

class Early {
 public:
  // Both outlive it.
  Early(RoomServices& services, Residence& residence)
      : services_(services), residence_(residence) {}
  ~Early() { forget(); }
  Early(const Early&) = delete;
  Early& operator=(const Early&) = delete;

  bool empty() const { return edits_.empty(); }
  bool has(const freshet_writer& by, uint64_t number) const;
  // All that this commit stored.
  bool has_all(const freshet_writer& by, const bus::Stored& stored) const;

  // Into the document; then it may be passed on as this. Status::conflict: it is no news. Otherwise
  // than Status::ok: it is not here, and is to be read when it is stored.
  Result<Bytes> take(const freshet_writer& by, const bus::Edit& edit, freshet_applied& applied);
  // The log has what this writer numbered so.
  void settle(const freshet_writer& by, uint64_t first_number, uint64_t last_number);
  // The journal has saved more.
  void note_saved();
  // Has this node store what came before then.
  void store_old(uint64_t before_ms);
  void forget();

 private:
  struct Kept {
    freshet_writer by;
    uint64_t number;
    // In the journal, from which on it is unsaved; UINT64_MAX: it changed nothing.
    uint64_t position;
    uint64_t came_ms;
    uint64_t again;  // where in the journal this node stores it; 0: it does not
    std::vector<uint8_t> update;
    std::string author;
    freshet_applied applied;
  };

  template <class Which>
  void drop(Which which);

  RoomServices& services_;
  Residence& residence_;
  std::vector<Kept> edits_;  // in the order in which they came
};

}  // namespace freshet
