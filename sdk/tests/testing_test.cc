// The tools that plugin authors test with.
#include "freshet/testing.h"

#include <gtest/gtest.h>

#include <thread>

namespace freshet::testing {

TEST(FakeHost, GivesTheDefaultsOfASchema) {
  static constexpr freshet_setting kSchema[] = {
      setting::text("path", "data/x.db", "."),
      setting::boolean("on", "true", "."),
      setting::boolean("off", "false", "."),
      setting::integer("count", "7", 0, 10, nullptr, "."),
      setting::integer("bytes", "64 KiB", 0, 1 << 20, "bytes", "."),
      setting::integer("wait", "30 s", 0, 60'000, "ms", "."),
      setting::required(setting::text("secret", nullptr, ".")),
  };
  FakeHost fake(kSchema);
  const Host host = fake.host();
  EXPECT_EQ(host.text("path"), "data/x.db");
  EXPECT_TRUE(host.flag("on"));
  EXPECT_FALSE(host.flag("off"));
  EXPECT_EQ(host.number("count"), 7);
  EXPECT_EQ(host.number("bytes"), 65536);
  EXPECT_EQ(host.number("wait"), 30'000);
  EXPECT_FALSE(host.has("secret"));
  EXPECT_EQ(host.text("secret"), "");
  fake.set("secret", "s");
  EXPECT_EQ(host.text("secret"), "s");
  fake.set("names", std::vector<std::string>{"a", "b"});
  EXPECT_EQ(host.list("names"), (std::vector<std::string>{"a", "b"}));
}

TEST(FakeHost, KeepsTheLogTheMetricsAndTheServices) {
  FakeHost fake;
  fake.host().warn("mind the gap");
  EXPECT_TRUE(fake.logged("the gap"));
  EXPECT_FALSE(fake.logged("the step"));
  const Metric metric = fake.host().counter("things_total", ".");
  metric.add(3);
  metric.add();
  EXPECT_EQ(fake.metric("things_total"), 4);
  EXPECT_EQ(fake.metric("others_total"), 0);
  const int table = 1;
  fake.offer("some.service/0", &table);
  EXPECT_EQ(fake.host().service<int>("some.service/0"), &table);
  EXPECT_EQ(fake.host().service<int>("other.service/0"), nullptr);
}

TEST(Metric, DoesNothingWhenItCouldNotBeMade) {
  const Metric metric;
  metric.add(1);
  metric.set(2);
}

TEST(Answer, WaitsForAnAnswerFromAnotherThread) {
  Answer answer;
  const freshet_reply reply = answer.reply();
  std::thread later([reply] {
    static_cast<void>(Reply(reply).write(3, 4, as_bytes("five")));
    reply.to->done(reply.to->ctx, reply.token, FRESHET_CONFLICT);
  });
  EXPECT_EQ(answer.wait(), Status::conflict);
  later.join();
  ASSERT_NE(answer.find(3), nullptr);
  EXPECT_EQ(answer.find(3)->number, 4u);
  EXPECT_EQ(answer.find(3)->text(), "five");
  EXPECT_EQ(answer.find(9), nullptr);
}

}  // namespace freshet::testing
