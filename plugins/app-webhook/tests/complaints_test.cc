// What the log is told, and how often.
#include "app-webhook/sending/complaints.h"

#include <gtest/gtest.h>

#include "app-webhook/limits.h"
#include "fake_clock.h"
#include "freshet/testing.h"

namespace freshet::webhook {
namespace {

TEST(ComplaintsTest, OfEachKindOneIsToldInSoLongAndAfterItsEndAtOnce) {
  FakeClock clock;
  testing::FakeHost host;
  const auto hand = clock.hand();
  Complaints complaints(host.host(), *hand);
  complaints.tell(Complaint::away, "gone 1");
  complaints.tell(Complaint::away, "gone 2");
  complaints.tell(Complaint::lost, "lost 1");
  EXPECT_EQ(host.log(), "gone 1\nlost 1\n");
  clock.advance(std::chrono::milliseconds(kComplainAgainMs - 1));
  complaints.tell(Complaint::away, "gone 3");
  EXPECT_EQ(host.log(), "gone 1\nlost 1\n");
  clock.advance(std::chrono::milliseconds(1));
  complaints.tell(Complaint::away, "gone 4");
  EXPECT_EQ(host.log(), "gone 1\nlost 1\ngone 4\n");
  complaints.ended(Complaint::away);
  complaints.tell(Complaint::away, "gone 5");
  EXPECT_EQ(host.log(), "gone 1\nlost 1\ngone 4\ngone 5\n");
}

}  // namespace
}  // namespace freshet::webhook
