// A key set: read or refused with a reason, and never a key too weak for its algorithm.
#include "auth-jwt/keys/jwks.h"

#include <openssl/err.h>

#include "auth-jwt/limits.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using freshet::fuzz::require;
  std::string why;
  const auto keys = freshet::jwt::read_jwks(freshet::as_text({data, size}), why);
  require(ERR_peek_error() == 0);
  if (!keys) return require(!why.empty()), 0;
  require(!keys->empty() && keys->size() <= freshet::jwt::kMaxKeys);
  const std::vector<uint8_t> signature(64, 1);
  for (const auto& key : *keys) require(!key.verify("text", signature));
  return 0;
}
