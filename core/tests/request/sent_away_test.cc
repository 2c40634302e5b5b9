// Who is sent away is counted, and told of: once for each kind in a while.
#include "core/request/sent_away.h"

#include <gtest/gtest.h>

#include "core/tests/report/kept_log.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

SentAway::One with_code(uint16_t code, std::string_view reason) {
  return {.protocol = "protocol-yjs",
          .code = code,
          .reason = reason,
          .peer = "203.0.113.7",
          .room = "no\ntes"};
}

TEST(SentAway, IsOneLineForEachKindInAWhile) {
  Metrics metrics;
  KeptLog log;
  SentAway sent_away(metrics, log);
  for (int i = 0; i < 5; ++i)
    sent_away.note(with_code(FRESHET_CLOSE_UNAUTHENTICATED, "not authenticated"), 1'000);
  sent_away.note(with_code(FRESHET_CLOSE_RATE, "too many messages"), 1'000);
  sent_away.note(with_code(FRESHET_CLOSE_UNAUTHENTICATED, "not authenticated"), 12'000);
  EXPECT_EQ(log.lines,
            "203.0.113.7 is sent away with 4401: not authenticated; room \"no\\ntes\"\n"
            "203.0.113.7 is sent away with 4529: too many messages; room \"no\\ntes\"\n"
            "203.0.113.7 is sent away with 4401: not authenticated; room \"no\\ntes\"; 4 more with "
            "this code since the "
            "last such line\n");
}

TEST(SentAway, IsCountedByProtocolAndCode) {
  Metrics metrics;
  KeptLog log;
  SentAway sent_away(metrics, log);
  for (int i = 0; i < 3; ++i) sent_away.note(with_code(FRESHET_CLOSE_DENIED, "no"), 1'000);
  sent_away.note({.protocol = "none",
                  .code = 404,
                  .reason = "no protocol is at this path",
                  .peer = "",
                  .room = ""},
                 1'000);
  const std::string all = metrics.render();
  EXPECT_NE(all.find("freshet_sent_away_total{protocol=\"protocol-yjs\",code=\"4403\"} 3\n"),
            std::string::npos)
      << all;
  EXPECT_NE(all.find("freshet_sent_away_total{protocol=\"none\",code=\"404\"} 1\n"),
            std::string::npos)
      << all;
}

TEST(SentAway, IsNotTalkedOfWhereItIsMeant) {
  Metrics metrics;
  KeptLog log;
  SentAway sent_away(metrics, log);
  sent_away.note(with_code(FRESHET_CLOSE_RESTART, "the server restarts"), 1'000);
  EXPECT_EQ(log.lines, "");
  EXPECT_NE(metrics.render().find("code=\"1012\"} 1\n"), std::string::npos);
}

}  // namespace
}  // namespace freshet
