// What a procedure answered, read.
#include "core/rooms/procedure_answer.h"

#include <gtest/gtest.h>

#include "freshet/abi/app.h"

namespace freshet {
namespace {

ReplyItem item(uint32_t kind, std::string_view text = "", uint64_t number = 0) {
  const Bytes bytes = as_bytes(text);
  return {kind, number, {bytes.begin(), bytes.end()}};
}

TEST(ProcedureAnswer, AllItsOperationsAreOneList) {
  EXPECT_EQ(edits_of({}), "");
  EXPECT_EQ(edits_of({item(FRESHET_CALL_EDIT, " [ ] ")}), "");
  EXPECT_EQ(edits_of({item(FRESHET_CALL_EDIT, R"([{"a":1}])"), item(FRESHET_CALL_EDIT, "[]"),
                      item(FRESHET_CALL_EDIT, R"([{"b":2},{"c":3}])")}),
            R"([{"a":1},{"b":2},{"c":3}])");
  EXPECT_EQ(edits_of({item(FRESHET_CALL_EDIT, "{}")}), std::nullopt);
}

TEST(ProcedureAnswer, WhatIsWrongWithItIsNamed) {
  EXPECT_EQ(flaw_of({item(FRESHET_CALL_EVENT, "news"), item(FRESHET_CALL_BROADCAST, "1"),
                     item(FRESHET_CALL_SELF, "[]"), item(FRESHET_CALL_SHOW, "{}"),
                     item(FRESHET_CALL_EDIT, "[]"), item(FRESHET_CALL_EVICT, "", 7)}),
            "");
  EXPECT_NE(flaw_of({item(FRESHET_CALL_BROADCAST, "1")}), "") << "without a name";
  EXPECT_NE(flaw_of({item(FRESHET_CALL_EVENT, "$news")}), "");
  EXPECT_NE(flaw_of({item(FRESHET_CALL_EVENT, "news"), item(FRESHET_CALL_SELF, "{")}), "");
  EXPECT_NE(flaw_of({item(FRESHET_CALL_SHOW, "x")}), "");
  EXPECT_NE(flaw_of({item(FRESHET_CALL_EDIT, "{}")}), "");
  EXPECT_NE(flaw_of({item(FRESHET_CALL_EVICT)}), "") << "that would be everybody";
}

TEST(ProcedureAnswer, JsonHasADepth) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(flaw_of({item(FRESHET_CALL_SHOW, nested(64))}), "");
  EXPECT_NE(flaw_of({item(FRESHET_CALL_SHOW, nested(65))}), "");
}

TEST(ProcedureAnswer, ItsOwnWordsGoBeforeOurs) {
  EXPECT_EQ(words_for({item(FRESHET_CALL_ERROR, "No.")}, Status::denied), "No.");
  EXPECT_NE(words_for({item(FRESHET_CALL_ERROR, "\xff")}, Status::denied), "\xff");
  EXPECT_NE(words_for({}, Status::retry), words_for({}, Status::limit));
}

}  // namespace
}  // namespace freshet
