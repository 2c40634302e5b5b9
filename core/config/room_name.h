// core/config/room_name.h: what a room may be called, whichever way a name comes in.
//
// Any UTF-8 without control characters, within the bound of the manifest. A room that is stored
// under another name can still be read and deleted, and no client can open it.
#pragma once

#include <string>
#include <string_view>

namespace freshet {

// "the room's name ...": what is wrong with it, for a person; empty: nothing.
std::string room_name_fault(std::string_view name, size_t limit_bytes);

}  // namespace freshet
