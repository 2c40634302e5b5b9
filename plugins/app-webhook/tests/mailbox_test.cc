// What is left for a thread, and what others may know of it without asking.
#include "app-webhook/sending/mailbox.h"

#include <gtest/gtest.h>

#include <string>

namespace freshet::webhook {
namespace {

TEST(MailboxTest, WakesForEachMessageAndRunsThemInOrder) {
  int woken = 0;
  std::string said;
  Mailbox mailbox([&] { ++woken; });
  mailbox.post([&] { said += "a"; });
  mailbox.post([&] {
    said += "b";
    mailbox.post([&] { said += "c"; });
  });
  EXPECT_EQ(said, "");
  mailbox.read();
  EXPECT_EQ(said, "ab");
  mailbox.read();
  EXPECT_EQ(said, "abc");
  EXPECT_EQ(woken, 3);
}

TEST(MailboxTest, IsSettledOnceAllIsReadAndNothingIsInHandAnyMore) {
  Mailbox mailbox([] {});
  EXPECT_TRUE(mailbox.is_settled(0));
  mailbox.post([] {});
  EXPECT_FALSE(mailbox.is_settled(1000)) << "it is unread";
  mailbox.read();
  EXPECT_FALSE(mailbox.is_settled(1000)) << "nobody has said what became of it";
  mailbox.hold_until(2000);
  EXPECT_FALSE(mailbox.is_settled(1999));
  EXPECT_TRUE(mailbox.is_settled(2000));
  mailbox.hold_until(0);
  EXPECT_TRUE(mailbox.is_settled(0));
  mailbox.read();
  EXPECT_TRUE(mailbox.is_settled(0)) << "there was nothing to read";
}

}  // namespace
}  // namespace freshet::webhook
