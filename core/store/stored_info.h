// core/store/stored_info.h: what a store keeps of a room, in numbers, as people are shown it.
#pragma once

#include <nlohmann/json.hpp>

#include "core/loop/replies.h"

namespace freshet {

// Of the items of freshet_store.info: what it left out is left out. The admin listener and the
// command line show the same.
nlohmann::json stored_info(const ReplyItems& items);

}  // namespace freshet
