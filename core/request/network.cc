#include "core/request/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <iterator>

namespace freshet {

std::string network_of(std::string_view peer) {
  constexpr size_t kNetworkBytes = 8;
  in6_addr v6{};
  std::string text(peer);
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1 || IN6_IS_ADDR_V4MAPPED(&v6)) return text;
  std::fill(std::begin(v6.s6_addr) + kNetworkBytes, std::end(v6.s6_addr), uint8_t{0});
  char out[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &v6, out, sizeof(out));
  return std::string(out) + "/64";
}

}  // namespace freshet
