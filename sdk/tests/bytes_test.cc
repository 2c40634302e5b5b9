#include "freshet/bytes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace freshet {
namespace {

TEST(ReleaseMemory, LeavesNothingReserved) {
  std::vector<uint8_t> bytes(1000);
  release_memory(bytes);
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(bytes.capacity(), 0u);
  std::string text(1000, 'x');
  release_memory(text);
  EXPECT_TRUE(text.empty());
  EXPECT_LT(text.capacity(), 100u);
}

}  // namespace
}  // namespace freshet
