#include "freshet/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace freshet {

namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Status::malformed;
  return number / 2;
}

Result<std::string> half_twice(int number) {
  FRESHET_TRY(const int once, half(number));
  FRESHET_TRY(const int twice, half(once));
  return std::to_string(twice);
}

Status check_both(Status first, Status second, int& reached) {
  FRESHET_CHECK(first);
  reached = 1;
  FRESHET_CHECK(second);
  reached = 2;
  return Status::ok;
}

}  // namespace

TEST(Result, HoldsAValueOrTheStatusThatSaysWhyNot) {
  EXPECT_TRUE(half(4));
  EXPECT_EQ(*half(4), 2);
  EXPECT_EQ(half(4).status(), Status::ok);
  EXPECT_FALSE(half(3));
  EXPECT_EQ(half(3).status(), Status::malformed);
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, TryGoesOnWithTheValueOrReturnsTheStatus) {
  EXPECT_EQ(*half_twice(8), "2");
  EXPECT_EQ(half_twice(6).status(), Status::malformed);
  EXPECT_EQ(half_twice(5).status(), Status::malformed);
}

TEST(Result, CheckGoesOnOnlyWhenAllIsWell) {
  int reached = 0;
  EXPECT_EQ(check_both(Status::retry, Status::ok, reached), Status::retry);
  EXPECT_EQ(reached, 0);
  EXPECT_EQ(check_both(Status::ok, Status::limit, reached), Status::limit);
  EXPECT_EQ(reached, 1);
  EXPECT_EQ(check_both(Status::ok, Status::ok, reached), Status::ok);
  EXPECT_EQ(reached, 2);
}

TEST(Status, HasANameForEveryValueAndForOneThatIsNew) {
  for (freshet_status value = FRESHET_OK; value <= FRESHET_INTERNAL; ++value) {
    EXPECT_NE(name_of(Status{value}), "unknown") << value;
  }
  EXPECT_EQ(name_of(Status{FRESHET_INTERNAL + 1}), "unknown");
}

}  // namespace freshet
