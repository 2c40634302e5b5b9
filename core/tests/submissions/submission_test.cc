// What is submitted to a room, borrowed and kept.
#include "core/submissions/submission.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "freshet/abi/crdt.h"
#include "freshet/sink.h"

namespace freshet {
namespace {

using Kept = std::optional<KeptSubmission>;

TEST(Submission, ThatIsKeptOutlivesWhatItWasMadeOf) {
  Kept kept;
  {
    const std::string name = "news", data = R"({"a":1})";
    kept.emplace(Submission{7, Submission::Event{name, as_bytes(data), 42}});
  }
  KeptSubmission moved = std::move(*kept);
  kept.reset();
  EXPECT_EQ(moved.get().from, 7u);
  const auto& event = std::get<Submission::Event>(moved.get().what);
  EXPECT_EQ(event.name, "news");
  EXPECT_EQ(as_text(event.data), R"({"a":1})");
  EXPECT_EQ(event.ticket, 42u);
}

TEST(Submission, ThatIsKeptTellsNothingFromWhatIsEmpty) {
  const std::string one = "1", empty;
  const freshet_presence entries[] = {{1, 5, to_c(std::string_view(one))},
                                      {2, 6, {nullptr, 0}},
                                      {3, 7, to_c(std::string_view(empty))}};
  const KeptSubmission kept(Submission{7, Submission::Presence{entries}});
  const auto& shown = std::get<Submission::Presence>(kept.get().what).entries;
  ASSERT_EQ(shown.size(), 3u);
  EXPECT_NE(shown.data(), entries);
  EXPECT_EQ(view(shown[0].json), "1");
  EXPECT_EQ(shown[1].json.data, nullptr) << "it has gone";
  EXPECT_NE(shown[2].json.data, nullptr);
  EXPECT_EQ(shown[2].clock, 7u);
}

TEST(Submission, CountsAllThatItPointsTo) {
  const std::vector<uint8_t> bytes(1'000);
  const size_t none = Submission{7, Submission::PresenceQuery{}}.size_bytes();
  EXPECT_EQ((Submission{7, Submission::Update{FRESHET_UPDATE_V1, bytes, 0}}.size_bytes()),
            none + 1'000);
  EXPECT_EQ((Submission{7, Submission::DiffQuery{bytes}}.size_bytes()), none + 1'000);
  EXPECT_EQ((Submission{7, Submission::Open{FRESHET_UPDATE_V1, bytes}}.size_bytes()), none + 1'000);
  EXPECT_EQ((Submission{7, Submission::Event{"name", bytes, 0}}.size_bytes()), none + 1'004);
  const freshet_presence entry{1, 5, to_c(as_text(bytes))};
  const Submission shown{7, Submission::Presence{{&entry, 1}}};
  EXPECT_EQ(shown.size_bytes(), none + 1'000 + sizeof(entry));
}

}  // namespace
}  // namespace freshet
