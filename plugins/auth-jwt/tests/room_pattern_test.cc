#include "auth-jwt/token/room_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace freshet::jwt {
namespace {

TEST(RoomPattern, StandsForItselfWithoutAStar) {
  EXPECT_TRUE(matches_room("a/b c", "a/b c"));
  EXPECT_TRUE(matches_room("", ""));
  EXPECT_FALSE(matches_room("", "a"));
  EXPECT_FALSE(matches_room("a", ""));
  EXPECT_FALSE(matches_room("a", "A"));
  EXPECT_FALSE(matches_room("a?", "ab"));
  EXPECT_FALSE(matches_room("a.b", "axb"));
}

TEST(RoomPattern, AStarStaysWithinItsPartAndTwoDoNot) {
  EXPECT_TRUE(matches_room("*", "a"));
  EXPECT_TRUE(matches_room("*", ""));
  EXPECT_FALSE(matches_room("*", "a/b"));
  EXPECT_TRUE(matches_room("**", "a/b/c"));
  EXPECT_TRUE(matches_room("**", ""));
  EXPECT_TRUE(matches_room("t/*", "t/x"));
  EXPECT_FALSE(matches_room("t/*", "t"));
  EXPECT_FALSE(matches_room("t/*", "t/x/y"));
  EXPECT_TRUE(matches_room("t/**", "t/x/y"));
  EXPECT_FALSE(matches_room("t/**", "tx/y"));
  EXPECT_TRUE(matches_room("*/b", "a/b"));
  EXPECT_FALSE(matches_room("*/b", "a/a/b"));
  EXPECT_TRUE(matches_room("**/b", "a/a/b"));
  EXPECT_TRUE(matches_room("a*c*e", "abcde"));
  EXPECT_TRUE(matches_room("a*c*e", "ace"));
  EXPECT_FALSE(matches_room("a*c*e", "aec"));
  EXPECT_TRUE(matches_room("***", "a/b")) << "two, and one that stands for nothing";
  EXPECT_TRUE(matches_room("a*", "a*"));
}

// Every short pattern against every short room, judged a second time in the plainest way there is.
bool plainly(std::string_view pattern, std::string_view room) {
  if (pattern.empty()) return room.empty();
  const bool wide = pattern.starts_with("**");
  if (pattern[0] != '*') {
    return !room.empty() && room[0] == pattern[0] && plainly(pattern.substr(1), room.substr(1));
  }
  for (size_t n = 0; n <= room.size(); ++n) {
    if (n > 0 && room[n - 1] == '/' && !wide) break;
    if (plainly(pattern.substr(wide ? 2 : 1), room.substr(n))) return true;
  }
  return false;
}

std::vector<std::string> words(std::string_view letters, size_t longest) {
  std::vector<std::string> out{""};
  for (size_t from = 0, length = 0; length < longest; ++length) {
    const size_t to = out.size();
    for (; from < to; ++from) {
      for (const char c : letters) out.push_back(out[from] + c);
    }
  }
  return out;
}

TEST(RoomPattern, AgreesWithThePlainestReadingOfEveryShortPattern) {
  const auto rooms = words("ab/", 4);
  for (const std::string& pattern : words("ab/*", 5)) {
    for (const std::string& room : rooms) {
      ASSERT_EQ(matches_room(pattern, room), plainly(pattern, room)) << pattern << " : " << room;
    }
  }
}

TEST(RoomPattern, TakesNoLongerForPatternsMadeToTakeLong) {
  std::string pattern;
  for (int i = 0; i < 128; ++i) pattern += "a**";
  EXPECT_FALSE(matches_room(pattern + "b", std::string(512, 'a')));
  EXPECT_TRUE(matches_room(pattern, std::string(512, 'a')));
}

}  // namespace
}  // namespace freshet::jwt
