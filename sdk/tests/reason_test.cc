// What an operator reads of a failure of the system.
#include "freshet/format/reason.h"

#include <gtest/gtest.h>

#include <cstring>
#include <future>

namespace freshet {
namespace {

TEST(Reason, IsTheSystemsOwnForMostFailures) {
  for (const int error : {ENOENT, EACCES, ENOSPC, EINVAL}) {
    EXPECT_EQ(reason_of(error), std::strerror(error));
    EXPECT_EQ(reason_of(std::error_code(error, std::generic_category())), std::strerror(error));
  }
  const std::error_code other = std::make_error_code(std::future_errc::broken_promise);
  EXPECT_EQ(reason_of(other), other.message());
}

TEST(Reason, SaysHowManyFilesThereMayBeAndWhoCanAllowMore) {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  const std::string told = "Too many open files: this process may have " +
                           std::to_string(files.rlim_cur) +
                           "; allow it more with ulimit -n, or LimitNOFILE= of systemd";
  EXPECT_EQ(reason_of(EMFILE), told);
  EXPECT_EQ(reason_of(std::error_code(EMFILE, std::system_category())), told);
  EXPECT_EQ(reason_of(ENFILE),
            "Too many open files in system; allow the machine more with sysctl fs.file-max");
}

}  // namespace
}  // namespace freshet
