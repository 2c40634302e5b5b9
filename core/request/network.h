// core/request/network.h: which addresses count as one peer's.
#pragma once

#include <string>
#include <string_view>

namespace freshet {

// Whom to take for one when a peer's address is this one: the address itself, or the /64 of an IPv6
// address, as whoever has one of those has all. What is no address stays as it is.
std::string network_of(std::string_view peer);

}  // namespace freshet
