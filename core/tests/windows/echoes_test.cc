// What comes back to those who wrote it when it is saved.
#include "core/windows/echoes.h"

#include <gtest/gtest.h>

#include <string>

#include "freshet/sink.h"

namespace freshet {
namespace {

std::string taken(Echoes& echoes, uint64_t saved) {
  std::string out;
  echoes.take(saved, [&](MemberId to, std::span<const freshet_bytes> own) {
    out += std::to_string(to) + ":";
    for (const freshet_bytes& each : own) out += as_text(view(each));
    out += " ";
  });
  return out;
}

TEST(Echoes, OfOneCommitAreOneForEachSession) {
  Echoes echoes;
  echoes.push(1, 7, as_bytes("a"), true);
  echoes.push(2, 8, as_bytes("x"), true);
  echoes.push(3, 7, as_bytes("b"), true);
  echoes.push(4, 7, as_bytes("c"), true);
  EXPECT_EQ(taken(echoes, 0), "");
  EXPECT_EQ(taken(echoes, 3), "7:ab 8:x ");
  EXPECT_EQ(taken(echoes, 3), "");
  EXPECT_EQ(taken(echoes, 9), "7:c ");
  EXPECT_TRUE(echoes.empty());
}

TEST(Echoes, OfALongUpdateNothingStaysInMemory) {
  Echoes echoes;
  echoes.push(1, 7, as_bytes(std::string(100'000, 'x')), true);
  EXPECT_GE(echoes.bytes(), 100'000u);
  static_cast<void>(taken(echoes, 1));
  EXPECT_LE(echoes.bytes(), 4096u);
}

TEST(Echoes, WhatCannotBeJoinedComesAloneAndInItsPlace) {
  Echoes echoes;
  echoes.push(1, 7, as_bytes("a"), true);
  echoes.push(2, 7, as_bytes("?"), false);
  echoes.push(3, 7, as_bytes("b"), true);
  echoes.push(4, 7, as_bytes("c"), true);
  EXPECT_EQ(taken(echoes, 4), "7:a 7:? 7:bc ");
}

TEST(Echoes, CountTheMemoryTheyTake) {
  Echoes echoes;
  for (uint64_t i = 0; i < 1'000; ++i) echoes.push(i, 7, as_bytes("0123456789"), true);
  EXPECT_GT(echoes.bytes(), 10'000u + 1'000u * 24u);
  echoes.clear();
  EXPECT_TRUE(echoes.empty());
  EXPECT_EQ(taken(echoes, 2'000), "");
}

}  // namespace
}  // namespace freshet
