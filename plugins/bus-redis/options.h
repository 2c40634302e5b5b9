// plugins/bus-redis/options.h: what the manifest says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "freshet/settings.h"

namespace freshet::redis {

// redis://[[user]:password@]host[:port][/number]
// unix:[//[[user]:password@]]/path
struct Address {
  std::string host;  // empty: it is `path`
  uint16_t port = 6379;
  std::string path;
  std::string user, password;  // secret

  // For the log.
  std::string shown() const;
};

struct Options {
  Address address;
  std::string cluster;
  int64_t connect_timeout_ms = 0;

  // Channels are "freshet:", the cluster, ":" and the topic: `&freshet:CLUSTER:*` for an ACL.
  std::string prefix() const { return "freshet:" + cluster + ":"; }
};

// Empty: it is one. Otherwise what is wrong with it, without repeating any of it.
std::string read_address(std::string_view url, Address& out);

Options read_options(Given given, Faults& faults);

}  // namespace freshet::redis
