// freshet/format/reason.h: what to tell an operator of a failure of the system.
#pragma once

#include <sys/resource.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace freshet {

// "No space left on device", for an errno. Where files cannot be opened because there are too many,
// also how many there may be and how to allow more, as the program cannot do that by itself.
inline std::string reason_of(int error) {
  std::string out = std::generic_category().message(error);
  if (error == ENFILE) out += "; allow the machine more with sysctl fs.file-max";
  if (error != EMFILE) return out;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  return out + ": this process may have " + std::to_string(files.rlim_cur) +
         "; allow it more with ulimit -n, or LimitNOFILE= of systemd";
}

inline std::string reason_of(const std::error_code& error) {
  const bool system =
      error.category() == std::generic_category() || error.category() == std::system_category();
  return system ? reason_of(error.value()) : error.message();
}

}  // namespace freshet
