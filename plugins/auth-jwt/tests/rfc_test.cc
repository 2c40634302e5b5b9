// The examples of the RFCs, as they stand there.
#include <gtest/gtest.h>

#include "auth-jwt/keys/jwks.h"
#include "auth-jwt/text/base64.h"
#include "auth-jwt/token/token.h"
#include "world.h"

namespace freshet::jwt {
namespace {

struct Example {
  const char* name;
  const char* jwk;
  const char* signed_text;
  const char* signature;
};

constexpr const char* kJoe =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";

const Example kExamples[] = {
    {"RFC 7515, A.1: HS256",
     R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})",
     "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
    {"RFC 7515, A.2: RS256",
     R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})",
     "eyJhbGciOiJSUzI1NiJ9",
     "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
     "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
     "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
     "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
    {"RFC 7515, A.3: ES256",
     R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
     "eyJhbGciOiJFUzI1NiJ9",
     "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
};

std::vector<Key> keys_of(const std::string& jwk) {
  std::string why;
  auto keys = read_jwks("{\"keys\":[" + jwk + "]}", why);
  EXPECT_TRUE(keys) << why;
  return keys ? *std::move(keys) : std::vector<Key>{};
}

TEST(Rfc, TheExamplesVerify) {
  for (const Example& example : kExamples) {
    std::string why;
    const std::string token =
        std::string(example.signed_text) + "." + kJoe + "." + example.signature;
    const auto envelope = read_envelope(token, why);
    ASSERT_TRUE(envelope) << example.name << ": " << why;
    const auto keys = keys_of(example.jwk);
    ASSERT_EQ(keys.size(), 1u);
    EXPECT_TRUE(may_have_signed(keys[0], *envelope)) << example.name;
    EXPECT_TRUE(keys[0].verify(envelope->signed_text, envelope->signature)) << example.name;
    EXPECT_EQ(as_text(envelope->claims),
              "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
  }
}

TEST(Rfc, TheEd25519ExampleOf8037Verifies) {
  const auto keys =
      keys_of(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0].algorithm(), Algorithm::eddsa);
  const auto signature = from_base64url(
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  ASSERT_TRUE(signature);
  const char* text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  EXPECT_TRUE(keys[0].verify(text, *signature));
  EXPECT_FALSE(keys[0].verify(std::string(text) + "x", *signature));
}

TEST(Rfc, TheWholeExampleOf7519IsATokenOfJoe) {
  World world;
  world
      .with("secret_base64",
            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/"
            "T+1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow==")
      .with("room_required", int64_t{0})
      .with_list("issuer", {"joe"});
  const std::string token =
      std::string(kExamples[0].signed_text) + "." + kJoe + "." + kExamples[0].signature;
  EXPECT_EQ(world.identify(token, "a", 1'300'819'379'000).status, Status::ok);
  EXPECT_EQ(world.identify(token, "a", 1'300'819'410'000).status, Status::unauthenticated);
  EXPECT_TRUE(world.host.logged("it expired 30 s ago")) << world.host.log();
}

TEST(Rfc, TheUnsecuredExampleOf7519IsRefused) {
  World world;
  world.with("secret", kSecret);
  EXPECT_EQ(world.identify("eyJhbGciOiJub25lIn0." + std::string(kJoe) + ".").status,
            Status::unauthenticated);
  EXPECT_TRUE(world.host.logged("its algorithm is none of HS256, EdDSA, RS256 and ES256"));
}

}  // namespace
}  // namespace freshet::jwt
