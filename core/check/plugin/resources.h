// core/check/plugin/resources.h: what this process holds of the machine.
#pragma once

#include <cstddef>

namespace freshet::check {

struct Resources {
  size_t threads = 0;
  size_t files = 0;  // descriptors
  size_t bytes = 0;  // allocated and not given back, of all threads

  static Resources now();
  // The same once threads that were told to end are gone: waits while there are more of them or of
  // descriptors than `before` says, for a bounded time.
  static Resources settled(const Resources& before);
};

}  // namespace freshet::check
