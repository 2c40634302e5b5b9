// core/signing/signature.h: that somebody stands for a file. Beside x.so, as x.so.sig:
//
//   freshet-signature 1
//   key <the id of the key>
//   sha512 <the file's, 128 hexadecimal digits>
//   signature <base64 of Ed25519 over the three lines above, with their ends>
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/signing/keys.h"
#include "freshet/bytes.h"

namespace freshet {

inline std::filesystem::path signature_beside(const std::filesystem::path& file) {
  return file.string() + ".sig";
}

std::string signature_of(Bytes file, const SecretKey& key);

// Why these are not the bytes that one of the trusted keys has signed, as words that stand behind
// the file's name; empty: they are. `signature`: what stands in the file beside.
std::string signature_fault(std::string_view signature, Bytes file,
                            std::span<const PublicKey> trusted);

}  // namespace freshet
