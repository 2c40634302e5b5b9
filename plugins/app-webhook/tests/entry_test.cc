#include "app-webhook/dialect/entry.h"

#include <gtest/gtest.h>

namespace freshet::webhook {
namespace {

std::string filled(const std::string& text, std::string_view state) {
  const auto entry = read_entry(text);
  return entry && entry->storage_at ? with_storage(*entry, as_bytes(state)) : "none";
}

TEST(Entry, HasTheDocumentPutInWhereItBelongs) {
  EXPECT_EQ(filled(entry_with_storage(R"({"a":{"b":1},"c":2})", 11), "abcd"),
            R"({"a":{"b":1,"storage":"YWJjZA=="},"c":2})");
  EXPECT_EQ(filled(entry_with_storage(R"({"a":{}})", 6), "abcd"),
            R"({"a":{"storage":"YWJjZA=="}})");
}

TEST(Entry, TellsAnEmptyDocumentAsNull) {
  EXPECT_EQ(filled(entry_with_storage("{}", 1), ""), R"({"storage":null})");
  EXPECT_EQ(filled(entry_with_storage("{}", 1), std::string_view("\0\0", 2)),
            R"({"storage":null})");
}

TEST(Entry, IsTheBodyIfItSaysNothingElse) {
  const std::string text = R"({"a":"{\"storage_at\":1}"})";
  const auto entry = read_entry(text);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->body, text);
  EXPECT_FALSE(entry->storage_at);
}

TEST(Entry, IsDamagedIfItsPlaceIsNone) {
  for (const char* note : {"0", "2", "99", "-1", "1x", "", "18446744073709551616", "1}\n{"}) {
    EXPECT_FALSE(read_entry("{}\n{\"storage_at\":" + std::string(note) + "}")) << note;
  }
  EXPECT_FALSE(read_entry("{}\n"));
  EXPECT_FALSE(read_entry("{}\n{}"));
}

}  // namespace
}  // namespace freshet::webhook
