#include "load/run/storm.h"

#include <gtest/gtest.h>

namespace freshet::load {
namespace {

TEST(Storm, AClientComesAgainUnlessItIsToldToStop) {
  for (const uint16_t code :
       std::initializer_list<uint16_t>{1000, 1001, 1006, 1011, 1012, 1013, 3000, 4500, 4503, 4529})
    EXPECT_TRUE(comes_again_after(code)) << code;
  for (const uint16_t code : std::initializer_list<uint16_t>{4400, 4401, 4403, 4409, 4413, 4499})
    EXPECT_FALSE(comes_again_after(code)) << code;
}

}  // namespace
}  // namespace freshet::load
