// What tests of the command line begin with.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "process.h"

namespace freshet::testing {

inline constexpr int kOk = 0, kFailed = 1, kUsage = 2, kManifest = 3, kNotFound = 4, kBusy = 5;

inline const std::string kPlugins = R"(
[[plugin]]
use = "platform-ws"
[[plugin]]
use = "crdt-native"
[[plugin]]
use = "store-sqlite"
[plugin.settings]
path = "data/freshet.db"
[[plugin]]
use = "protocol-yjs"
)";
inline const std::string kServer =
    "[server]\nlisten = [\"127.0.0.1:0\"]\nadmin = \"unix:admin.sock\"\n";
inline const std::string kAuth = R"(
[[plugin]]
use = "auth-jwt"
[plugin.settings]
secret = "${FRESHET_TEST_SECRET}"
)";
inline const Variables kSecret = {
    {"FRESHET_TEST_SECRET", "not-a-secret-but-32-bytes-long-or-more"}};

// A document whose text "t" is "hello": one Yjs update, written by hand from the format.
inline constexpr char kHello[] = "\x01\x01\x01\x00\x04\x01\x01t\x05hello\x00";
inline const std::string kUpdate(kHello, sizeof(kHello) - 1);

// A folder with a manifest, and the program in it.
class Cli : public ::testing::Test {
 protected:
  Cli() { folder_.write("freshet.toml", kServer + kPlugins); }

  Outcome freshet(const std::vector<std::string>& arguments, const Variables& variables = {}) {
    return run(folder_, arguments, variables);
  }

  TempFolder folder_;
};

}  // namespace freshet::testing
