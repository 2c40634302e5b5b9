// The small things a manifest is made of: quantities, variables, suggestions.
#include <gtest/gtest.h>

#include <map>

#include "core/config/quantity.h"
#include "core/config/variables.h"
#include "core/report/nearest.h"
#include "core/report/printable.h"

namespace freshet {
namespace {

int64_t bytes(std::string_view text) {
  const auto parsed = parse_quantity(text, "bytes");
  return parsed ? *parsed : -static_cast<int64_t>(parsed.status());
}

TEST(Quantity, TakesSizesInTheUnitsPeopleWrite) {
  EXPECT_EQ(bytes("64"), 64);
  EXPECT_EQ(bytes("64B"), 64);
  EXPECT_EQ(bytes("64 KiB"), 64 << 10);
  EXPECT_EQ(bytes(" 64  KiB "), 64 << 10);
  EXPECT_EQ(bytes("2 MB"), 2'000'000);
  EXPECT_EQ(bytes("-1 KiB"), -1024);
}

TEST(Quantity, RefusesWhatIsNoWholeNumberOfAKnownUnit) {
  for (const char* text : {"", "KiB", "1.5 MiB", "64 kib", "64 Kib", "1 s", "1 MiB 2", "0x10"}) {
    EXPECT_EQ(bytes(text), -FRESHET_MALFORMED) << text;
  }
  EXPECT_EQ(bytes("9223372036854775808"), -FRESHET_TOO_LARGE);
  EXPECT_EQ(bytes("9223372036854775807 KiB"), -FRESHET_TOO_LARGE);
}

TEST(Quantity, TakesTimesButNoUnitWhereThereIsNone) {
  EXPECT_EQ(*parse_quantity("30 s", "ms"), 30'000);
  EXPECT_EQ(*parse_quantity("2h", "ms"), 7'200'000);
  EXPECT_EQ(*parse_quantity("12", nullptr), 12);
  EXPECT_FALSE(parse_quantity("12 s", nullptr));
  EXPECT_FALSE(parse_quantity("12 m", "ms"));
}

TEST(Quantity, IsWrittenInTheLargestUnitThatFits) {
  EXPECT_EQ(quantity_text(65536, "bytes"), "64 KiB");
  EXPECT_EQ(quantity_text(2000, "bytes"), "2000 B");
  EXPECT_EQ(quantity_text(90'000, "ms"), "90 s");
  EXPECT_EQ(quantity_text(0, "ms"), "0 ms");
  EXPECT_EQ(quantity_text(7, nullptr), "7");
}

Expanded expand(std::string_view text) {
  const std::map<std::string, std::string> variables = {
      {"KEY", "s3cret"}, {"_a1", "x"}, {"EMPTY", ""}, {"NEST", "${KEY}"}};
  return expand_variables(text, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

TEST(Variables, AreFilledInOnceAndInPlace) {
  EXPECT_EQ(expand("${KEY}").text, "s3cret");
  EXPECT_EQ(expand("a${_a1}b${EMPTY}c").text, "axbc");
  EXPECT_EQ(expand("${NEST}").text, "${KEY}");
  EXPECT_TRUE(expand("${EMPTY}").used);
}

TEST(Variables, LeaveEveryOtherDollarAlone) {
  EXPECT_EQ(expand("$5, $KEY, $").text, "$5, $KEY, $");
  EXPECT_EQ(expand("$${KEY}").text, "${KEY}");
  EXPECT_FALSE(expand("$${KEY}").used);
}

TEST(Variables, SayWhichOneIsMissingOrHowItIsWritten) {
  EXPECT_EQ(expand("x${NOPE}").fault, "needs the environment variable NOPE, which is not set");
  for (const char* text : {"${", "${KEY", "${}", "${1A}", "${A B}", "${A-B}"}) {
    EXPECT_EQ(expand(text).fault,
              "has a ${ that does not begin a ${NAME}; write $${ for a plain ${")
        << text;
  }
}

TEST(Nearest, FindsTypingSlipsAndNothingElse) {
  constexpr std::string_view kWords[] = {"listen", "admin", "open"};
  EXPECT_EQ(nearest("listne", kWords), "listen");
  EXPECT_EQ(nearest("lisen", kWords), "listen");
  EXPECT_EQ(nearest("opne", kWords), "open");
  EXPECT_EQ(nearest("banana", kWords), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), kWords), "");
  EXPECT_EQ(suggestion("banana", kWords), "; known are: listen, admin, open");
}

TEST(Nearest, FindsAKeyThatLacksItsUnit) {
  constexpr std::string_view kKeys[] = {"drains", "retry_min_ms", "drain_ms", "linger_ms",
                                        "queue_bytes"};
  EXPECT_EQ(nearest("linger", kKeys), "linger_ms");
  EXPECT_EQ(nearest("queue", kKeys), "queue_bytes");
  EXPECT_EQ(nearest("drain", kKeys), "drain_ms") << "although \"drains\" is a slip away";
  EXPECT_EQ(nearest("retry", kKeys), "");
}

TEST(Printable, IsOneLineWithoutControlCharactersWhateverComesIn) {
  EXPECT_EQ(printable("plain \xc3\xa9 text"), "plain \xc3\xa9 text");
  EXPECT_EQ(printable("a\nb\x1b[31m\x7f"), "a\\nb\\x1b[31m\\x7f");
  EXPECT_EQ(printable("c1: \xc2\x9b"), "c1: \\x9b");
  EXPECT_EQ(printable("bad \xff\xc3"), "bad \\xff\\xc3");
}

}  // namespace
}  // namespace freshet
