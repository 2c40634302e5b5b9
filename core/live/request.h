// core/live/request.h: what a looker says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/live/limits.h"
#include "freshet/abi/plugin.h"

namespace freshet {

// Which rooms of all, and in which order.
struct RoomsQuery {
  enum class Sort { bytes, people, lag, unsaved, name };
  Sort sort = Sort::bytes;
  std::string search = {};  // in their names; empty: all
  size_t limit = kRankedRooms;
};

struct LookRequest {
  enum class What { key, server, rooms, room, logs, plugins };
  What what = What::key;
  bool watch = true;  // false: no more
  std::string key = {};
  RoomsQuery rooms = {};
  std::string room = {};
  freshet_level level = FRESHET_INFO;
};

// Nothing: it is none, and `why` says what is wrong. [any]
std::optional<LookRequest> read_look_request(std::string_view json, std::string& why);

// "bytes"
std::string_view sort_name(RoomsQuery::Sort sort);
std::string_view level_name(freshet_level level);

}  // namespace freshet
