// key_ring.h: every key this server takes tokens of.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth-jwt/keys/jwks_file.h"
#include "auth-jwt/keys/key.h"
#include "auth-jwt/token/token.h"
#include "freshet/host.h"

namespace freshet::jwt {

// The keys of the settings, which never change, and those of the JWKS file, which do.
class KeyRing {
 public:
  // Those that stand in the settings. No key at all is a fault. [main]
  static KeyRing read(Given given, Faults& faults);

  // Adds those of the files that the settings name. False: the reason is in the log. [main]
  bool read_files(Host host);

  // True if one of the keys made the signature; else why not. `now_ms`: unix time. [any]
  bool verifies(const Envelope& envelope, uint64_t now_ms, std::string& why) const;

  // A token with these claims by signing_key, else by the first secret, else by the first secret of
  // the JWKS file. Nothing if there is none. [any]
  std::optional<std::string> mint(std::string_view claims) const;

 private:
  KeyRing() = default;

  void read_secrets(Given given, Faults& faults);
  void read_public_keys(Given given, Faults& faults);
  void read_signing_key(Given given, Faults& faults);
  // False: the reason is in the log.
  bool read_signing_key_file(Host host);
  bool read_public_keys_file(Host host);
  bool read_jwks(Host host);

  std::vector<Key> keys_;           // a signing key is the first of them
  std::unique_ptr<JwksFile> jwks_;  // null: none
};

}  // namespace freshet::jwt
