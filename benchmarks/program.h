// What the programs that measure the engine ask of the system they run on.
#pragma once

#include <chrono>
#include <string>

namespace freshet::bench {

// Says why on stderr; exit code 2.
[[noreturn]] void die(const std::string& why);

// A line of /proc/self/status, as "VmRSS"; 0 if there is none.
long status_kb(const char* key);

// An environment variable's number.
double number_from(const char* variable, double otherwise);

double elapsed_ns(std::chrono::steady_clock::time_point since);

}  // namespace freshet::bench
