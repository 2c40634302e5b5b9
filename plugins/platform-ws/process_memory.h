// process_memory.h: what this process takes of the machine's memory, and what the system lets it
// have.
#pragma once

#include <cstdint>
#include <string>

namespace freshet::ws {

// Resident, and of no file: those pages the system takes back by itself. 0: it does not say.
uint64_t resident_bytes();

// The least of what the machine has and what the process's control groups allow (v2 and v1; those
// above it count too). 0: nobody says. `root`: where /proc and /sys are; a test has others.
uint64_t available_bytes(const std::string& root = "");

}  // namespace freshet::ws
