// plugins/store-sqlite/file/lock_owner.h: who holds a lock on a file, for an error message.
#pragma once

#include <string>

namespace freshet::sqlite {

// The process id as text, or empty if the system does not say (only Linux does, in /proc/locks).
// Does not open the file: closing it again would drop this process's own locks on it.
std::string lock_owner(const std::string& path);

}  // namespace freshet::sqlite
