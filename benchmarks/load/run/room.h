// room.h: what the clients of one room share: who writes, when, and what was heard.
#pragma once

#include <string>
#include <vector>

#include "load/edits/authors.h"
#include "load/edits/bodies.h"
#include "load/edits/schedule.h"
#include "load/frames/shared_frame.h"

namespace freshet::load {

struct Room {
  // `showing`: how many show their presence, by `room_presence`.
  Room(std::string room_name, Authors room_authors, Schedule room_schedule, const Wire& wire,
       uint32_t showing, Schedule room_presence)
      : name(std::move(room_name)),
        authors(room_authors),
        schedule(room_schedule),
        presence(room_presence),
        bodies(wire, authors, schedule),
        written(room_authors.writers),
        shown(showing) {}
  Room(const Room&) = delete;  // `bodies` refers to its neighbours
  Room& operator=(const Room&) = delete;

  std::string name;
  Authors authors;
  Schedule schedule, presence;
  Bodies bodies;
  SharedFrame long_frame;         // that somebody is being sent
  std::vector<uint64_t> written;  // edits of each writer so far
  uint64_t written_all = 0;
  std::vector<uint64_t> shown;  // states of each who shows its presence so far
};

}  // namespace freshet::load
