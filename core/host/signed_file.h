// core/host/signed_file.h: a file whose signature was found good, as it was then.
#pragma once

#include <filesystem>
#include <string>

#include "core/signing/trust.h"

namespace freshet {

// A copy in memory that nobody can write to any more: what is verified and what is loaded are the
// same bytes, whatever becomes of the file meanwhile. What the library itself needs (its
// DT_NEEDED) is found by the system, and not verified.
//
// Stays for as long as the process, as the library does.
class SignedFile {
 public:
  // Empty: `reason` says why not, as words behind the file's name. Else a path to load it by.
  static std::string open(const std::filesystem::path& file, const Trust& trust,
                          std::string& reason);
};

}  // namespace freshet
