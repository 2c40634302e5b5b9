// A plugin's description of its settings may be wrong, too: what its author reads then.
#include "core/config/settings.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace freshet {
namespace {

constexpr freshet_setting number(const char* key, int64_t min, int64_t max,
                                 const char* fallback = nullptr, uint32_t flags = 0) {
  return {key, FRESHET_INT, flags, fallback, min, max, nullptr, nullptr, "A number."};
}

constexpr freshet_setting of_type(uint32_t type) {
  freshet_setting out = number("odd", 0, 0);
  out.type = type;
  return out;
}

struct Fault {
  std::vector<freshet_setting> schema;
  const char* told;
};

class SchemaFault : public testing::TestWithParam<Fault> {};

TEST_P(SchemaFault, IsTold) { EXPECT_EQ(schema_fault(GetParam().schema), GetParam().told); }

INSTANTIATE_TEST_SUITE_P(
    Of, SchemaFault,
    testing::Values(
        Fault{{number("a", 0, 0), number("b", 1, 2, "1"), number("c", 1, 1)}, ""},
        Fault{{number(nullptr, 0, 0)}, "a setting without a name"},
        Fault{{number("", 0, 0)}, "a setting without a name"},
        Fault{{number("a", 0, 0), number("b", 0, 0), number("a", 1, 2)},
              "two settings named \"a\""},
        Fault{{of_type(FRESHET_STRINGS + 1)}, "a setting \"odd\" that has an unknown type"},
        Fault{{of_type(FRESHET_BOOL - 1)}, "a setting \"odd\" that has an unknown type"},
        Fault{{number("a", 2, 1)}, "a setting \"a\" that has a minimum above its maximum"},
        Fault{{number("a", 1, 2, "1", FRESHET_REQUIRED)},
              "a setting \"a\" that is required and has a default"},
        Fault{{number("a", 1, 2, "3")},
              "a setting \"a\" that has a default that is not a number between 1 and 2"}));

}  // namespace
}  // namespace freshet
