// Signatures of plugins' files, and the keys that make them.
#include "core/signing/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "freshet/bytes.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;

struct SignatureTest : ::testing::Test {
  std::string fault(const std::string& signature, std::string_view content) const {
    return signature_fault(signature, as_bytes(content), trusted);
  }

  const SecretKey key = SecretKey::make();
  std::vector<PublicKey> trusted = {key.public_key()};
  const std::string good = signature_of(as_bytes("a library"), key);
};

TEST_F(SignatureTest, OfATrustedKeyOverTheseBytesIsGood) {
  EXPECT_EQ(fault(good, "a library"), "");
}

TEST_F(SignatureTest, OfOtherBytesSaysThatTheFileWasChanged) {
  EXPECT_THAT(fault(good, "a Library"),
              HasSubstr("is not what the key " + key.public_key().id() + " has signed"));
}

TEST_F(SignatureTest, OfAKeyThatNobodyTrustsNamesIt) {
  const SecretKey other = SecretKey::make();
  EXPECT_THAT(fault(signature_of(as_bytes("a library"), other), "a library"),
              HasSubstr("is signed with the key " + other.public_key().id() +
                        ", which is not trusted here: add its public key to server.trusted_keys"));
}

TEST_F(SignatureTest, ThatSaysAnotherKeyThanItsOwnIsRefused) {
  const SecretKey other = SecretKey::make();
  std::string forged = signature_of(as_bytes("a library"), other);
  forged.replace(forged.find(other.public_key().id()), 16, key.public_key().id());
  EXPECT_THAT(fault(forged, "a library"), HasSubstr("did not make"));
}

TEST_F(SignatureTest, WithAnyByteChangedIsRefused) {
  for (size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_NE(fault(changed, "a library"), "") << at;
    EXPECT_NE(fault(good.substr(0, at), "a library"), "") << at;
  }
  EXPECT_NE(fault(good + "\n", "a library"), "");
}

TEST_F(SignatureTest, KeysAreTextAndComeBackFromIt) {
  const std::string text = key.public_key().text();
  EXPECT_TRUE(text.starts_with("freshet-key:"));
  ASSERT_TRUE(PublicKey::parse(text));
  EXPECT_EQ(PublicKey::parse(text)->bytes(), key.public_key().bytes());
  EXPECT_EQ(PublicKey::parse(text + "\n")->id(), key.public_key().id());
  for (const std::string& wrong : {std::string(), text.substr(1), text.substr(0, text.size() - 4),
                                   text + "AAAA", std::string("freshet-key:")}) {
    EXPECT_FALSE(PublicKey::parse(wrong)) << wrong;
  }
}

TEST_F(SignatureTest, ASecretKeyIsKeptInAFileThatIsItsOwnersAlone) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("freshet-key-" + std::to_string(::getpid())))
          .string();
  std::filesystem::remove(file);
  EXPECT_EQ(key.write(file), "");
  struct stat about{};
  ASSERT_EQ(::stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  EXPECT_EQ(key.write(file), "is there already");
  std::string reason;
  const auto read = SecretKey::read(file, reason);
  ASSERT_TRUE(read) << reason;
  EXPECT_EQ(signature_of(as_bytes("a library"), *read), good);
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  EXPECT_FALSE(SecretKey::read(file, reason));
  EXPECT_THAT(reason, HasSubstr("may be read by others than its owner: chmod 600 it"));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace freshet
