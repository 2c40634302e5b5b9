// core/store/stored_info.h: what a store keeps of a room, in numbers, as people are shown it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/loop/replies.h"

namespace freshet {

// Of the items of freshet_store.info: what it left out is left out. The admin listener and the
// command line show the same.
nlohmann::json stored_info(const ReplyItems& items);

// Of the items of freshet_store.kept_list: those of this room, by name, with their sizes.
nlohmann::json kept_values(const ReplyItems& items, std::string_view room);
// Of one room's values, as many as a store has of one at most, and more.
inline constexpr uint32_t kKeptShown = 1000;

}  // namespace freshet
