// presence.h: presence as pluv has it: an object that patches are laid over.
#pragma once

#include <string>
#include <string_view>

namespace freshet::pluv {

// The object `shown` with the members of `patch` in the place of its own of the same name; an empty
// `shown` is an object without members. Shallow: a member is replaced whole. Empty: one of the two
// is no object.
std::string laid_over(std::string_view shown, std::string_view patch);

// JSON that a client may be shown as a presence: an object as it is, or `instead` of what is none.
std::string_view object_or(std::string_view json, std::string_view instead);

}  // namespace freshet::pluv
