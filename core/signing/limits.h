// core/signing/limits.h: the bounds of what is read to judge a file.
#pragma once

#include <cstddef>

namespace freshet {

// A plugin's file. It is held in memory as long as the process, and hashed before it is loaded.
inline constexpr size_t kMaxSignedBytes = size_t{256} << 20;
// Of a signature, and of a key: some lines of text.
inline constexpr size_t kMaxSignatureBytes = 4096;
inline constexpr size_t kMaxTrustedKeys = 64;

}  // namespace freshet
