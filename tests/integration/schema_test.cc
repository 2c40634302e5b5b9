// `freshet schema`: what clients may call, as JSON and as types. That TypeScript takes those is a
// test in tests/interop.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "process.h"

namespace freshet::testing {
namespace {

const std::string kUsual =
    "[server]\nlisten = [\"127.0.0.1:0\"]\n[[plugin]]\nuse = \"platform-ws\"\n[[plugin]]\n"
    "use = \"crdt-native\"\n[[plugin]]\nuse = \"store-sqlite\"\n[[plugin]]\n"
    "use = \"protocol-yjs\"\n";

std::string app(const char* variable) {
  return "[[plugin]]\nuse = \"" + std::string(std::getenv(variable)) + "\"\n";
}

std::string fixture(const std::string& name) {
  std::ifstream file(std::getenv("FRESHET_FIXTURES") + ("/" + name));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class Schema : public ::testing::Test {
 protected:
  Outcome schema(const std::string& manifest, std::vector<std::string> options = {}) {
    folder_.write("freshet.toml", manifest);
    options.insert(options.begin(), "schema");
    return run(folder_, options);
  }

  TempFolder folder_;
};

TEST_F(Schema, IsPrintedAsTypesOfTypeScript) {
  const Outcome outcome = schema(kUsual + app("FRESHET_TYPED_APP"), {"--typescript"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, fixture("events.d.ts"));
}

TEST_F(Schema, IsPrintedAsJsonByName) {
  const Outcome outcome = schema(kUsual + app("FRESHET_TYPED_APP"));
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  const auto printed = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(printed.size(), 5u);
  std::string names;
  for (const auto& one : printed) names += one["name"].get<std::string>() + " ";
  EXPECT_EQ(names, "bare everything sendMessage shout tree ");
  EXPECT_EQ(printed[0], nlohmann::json::parse(R"({"name": "bare", "outputs": {}, "wants": [],
                                                  "plugin": "typed-app"})"));
  EXPECT_EQ(printed[3]["input"], nlohmann::json::parse(R"({"type": "string"})"));
  EXPECT_EQ(printed[4]["wants"], nlohmann::json::parse(R"(["document"])"));
}

TEST_F(Schema, OfNoAppIsEmpty) {
  EXPECT_EQ(schema(kUsual).out, "[]\n");
  const Outcome types = schema(kUsual, {"--typescript"});
  EXPECT_EQ(types.exit, 0);
  EXPECT_NE(types.out.find("export interface Inputs {\n}\n"), std::string::npos) << types.out;
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "data")) << "only apps are created";
}

TEST_F(Schema, OfTwoAppsWithOneNameIsRefused) {
  const Outcome outcome = schema(kUsual + app("FRESHET_TYPED_APP") + app("FRESHET_TYPED_APP_TOO"));
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(outcome.err.starts_with(
      "freshet.toml:14: plugin.use: \"typed-app-too\" offers the procedure bare, and so does "
      "\"typed-app\"\n"))
      << outcome.err;
}

TEST_F(Schema, OfAManifestThatIsWrongIsNone) {
  const Outcome outcome = schema("[server]\nopne = true\n", {"--typescript"});
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_EQ(outcome.out, "");
}

}  // namespace
}  // namespace freshet::testing
