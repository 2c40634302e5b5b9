#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/report/log_spdlog.h"

namespace freshet {
namespace {

std::string logged(LogFormat format, freshet_level least, freshet_level level,
                   std::string_view message) {
  std::ostringstream out;
  SpdLog log(format, least, out);
  log.write(level, "store-sqlite", message);
  return out.str();
}

TEST(SpdLog, WritesALineAPersonCanRead) {
  const std::string line = logged(LogFormat::text, FRESHET_INFO, FRESHET_WARN, "disk full");
  EXPECT_NE(line.find(" warning store-sqlite  disk full\n"), std::string::npos) << line;
  EXPECT_TRUE(std::isdigit(static_cast<unsigned char>(line[0]))) << line;
}

TEST(SpdLog, WritesOneJsonObjectALine) {
  const std::string line =
      logged(LogFormat::json, FRESHET_INFO, FRESHET_ERROR, "a \"quoted\"\nnewline \x1b \xff");
  const auto object = nlohmann::json::parse(line);
  EXPECT_EQ(object["level"], "error");
  EXPECT_EQ(object["who"], "store-sqlite");
  EXPECT_EQ(object["message"], "a \"quoted\"\nnewline \x1b \xef\xbf\xbd");
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST(SpdLog, StaysOnOneLineWhateverAPeerSent) {
  const std::string line = logged(LogFormat::text, FRESHET_INFO, FRESHET_INFO, "x\n2026 error y");
  EXPECT_NE(line.find("x\\n2026 error y\n"), std::string::npos) << line;
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST(SpdLog, TakesNoFormatFromAMessage) {
  EXPECT_NE(logged(LogFormat::text, FRESHET_INFO, FRESHET_INFO, "100% {} %v {0}")
                .find("  100% {} %v {0}\n"),
            std::string::npos);
}

TEST(SpdLog, DropsWhatIsBelowItsLevel) {
  EXPECT_EQ(logged(LogFormat::text, FRESHET_WARN, FRESHET_INFO, "x"), "");
  EXPECT_NE(logged(LogFormat::text, FRESHET_DEBUG, FRESHET_DEBUG, "x"), "");
}

TEST(SpdLog, CutsAnEndlessMessage) {
  const std::string line =
      logged(LogFormat::text, FRESHET_INFO, FRESHET_INFO, std::string(1 << 20, 'x'));
  EXPECT_LT(line.size(), 9000U);
  EXPECT_TRUE(line.ends_with("x...\n"));
}

}  // namespace
}  // namespace freshet
