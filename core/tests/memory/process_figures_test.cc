// What is told of the process, under the names that other programs have for it.
#include "core/memory/process_figures.h"

#include <gtest/gtest.h>

#include "core/version.h"

namespace freshet {
namespace {

double value(const std::string& page, const std::string& name) {
  const size_t at = page.find("\n" + name + " ");
  return at == std::string::npos ? 0 : std::stod(page.substr(at + name.size() + 2));
}

TEST(ProcessFigures, AreThoseOfThisProcess) {
  const std::string page = process_figures();
  EXPECT_GT(value(page, "process_cpu_seconds_total"), 0);
  EXPECT_GT(value(page, "process_resident_memory_bytes"), 1e6);
  EXPECT_GT(value(page, "process_virtual_memory_bytes"),
            value(page, "process_resident_memory_bytes"));
  EXPECT_GT(value(page, "process_start_time_seconds"), 1.7e9);
  EXPECT_GE(value(page, "process_open_fds"), 3);
  EXPECT_GT(value(page, "process_max_fds"), value(page, "process_open_fds"));
}

TEST(ProcessFigures, SayWhichBuildThisIs) {
  EXPECT_NE(
      process_figures().find(std::string("\nfreshet_build_info{version=\"") + kVersion + "\"} 1\n"),
      std::string::npos);
}

}  // namespace
}  // namespace freshet
