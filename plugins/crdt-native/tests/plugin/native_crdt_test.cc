// What the service does by the clock it is given.
#include "crdt-native/native_crdt.h"

#include <gtest/gtest.h>

#include "freshet/sink.h"
#include "freshet/testing.h"

namespace freshet {
namespace {

TEST(NativeCrdtTest, TellsOfRefusedEditsOfADocumentOnceInTenSeconds) {
  testing::FakeHost host(NativeCrdt::kSettings);
  uint64_t now_ms = 5000;
  auto plugin = NativeCrdt::create(host.host(), [&] { return now_ms; });
  ASSERT_TRUE(plugin);
  const auto document = (*plugin)->create();
  const auto complaints_after = [&](uint64_t pause_ms) {
    now_ms += pause_ms;
    std::vector<uint8_t> update;
    const VectorSink sink(update);
    EXPECT_EQ(document->edit(7, "[7]", Sink(sink.c())), Status::malformed);
    size_t count = 0;
    const std::string log = host.log();
    for (size_t at = 0; (at = log.find("an edit by a list", at)) != std::string::npos; ++at)
      ++count;
    return count;
  };
  EXPECT_EQ(complaints_after(0), 1u);
  EXPECT_EQ(complaints_after(9999), 1u);
  EXPECT_EQ(complaints_after(1), 2u);
  EXPECT_EQ(complaints_after(1), 2u);
}

}  // namespace
}  // namespace freshet
