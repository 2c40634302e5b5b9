// Updates that are passed on as one, and what each of those who wrote them is given of it.
#include "core/windows/update_run.h"

#include <gtest/gtest.h>

#include "core/windows/limits.h"
#include "freshet/sink.h"

namespace freshet {
namespace {

// Joins texts with a plus; not if one of them says so.
freshet_status join_texts(void*, uint32_t, const freshet_bytes* updates, size_t count,
                          const freshet_sink* out) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    const std::string_view each = as_text(view(updates[i]));
    if (each == "odd") return FRESHET_UNSUPPORTED;
    text += (i == 0 ? "" : "+") + std::string(each);
  }
  return out->write(out->ctx, to_c(as_bytes(text)));
}

const freshet_crdt kJoins = [] {
  freshet_crdt crdt{};
  crdt.size = sizeof(crdt);
  crdt.squash = join_texts;
  return crdt;
}();

Contribution by(MemberId from, uint64_t author, std::string_view text, std::string_view user = {}) {
  Contribution out{as_bytes(text), {from + 100, to_c(user), 0}, from, {}};
  out.applied.whole = 1;
  out.applied.authors = author == 0 ? FRESHET_AUTHORS_NONE : FRESHET_AUTHORS_ONE;
  out.applied.author = author;
  return out;
}

std::string joined(UpdateRun& run) {
  EXPECT_EQ(run.join(kJoins), Status::ok);
  return std::string(as_text(run.joined()));
}

std::string without(const UpdateRun& run, MemberId session) {
  std::vector<uint8_t> out;
  EXPECT_EQ(run.joined_without(kJoins, session, out), Status::ok);
  return std::string(as_text(out));
}

TEST(UpdateRun, IsWhatItsWritersWroteOneByOne) {
  UpdateRun run(by(1, 11, "a"));
  for (const auto& each : {by(2, 12, "x"), by(1, 11, "b"), by(2, 12, "y"), by(1, 11, "c")}) {
    ASSERT_TRUE(run.takes(each));
    run.add(each);
  }
  EXPECT_EQ(joined(run), "a+b+c+x+y");
  EXPECT_EQ(without(run, 1), "x+y");
  EXPECT_EQ(without(run, 2), "a+b+c");
  EXPECT_EQ(without(run, 3), "a+b+c+x+y");
  EXPECT_TRUE(run.has_part_of(1));
  EXPECT_FALSE(run.has_part_of(3));
  EXPECT_FALSE(run.is_all_of(1));
}

TEST(UpdateRun, OfOneIsThatOne) {
  UpdateRun run(by(1, 11, "a"));
  run.add(by(1, 11, "b"));
  EXPECT_EQ(joined(run), "a+b");
  EXPECT_EQ(without(run, 1), "");
  EXPECT_TRUE(run.is_all_of(1));
  EXPECT_EQ(run.source().client, 101u);
  run.add(by(2, 12, "x"));
  EXPECT_EQ(run.source().client, 0u) << "of several it is nobody's";
}

// Found by the simulator: a client that is back brings what another wrote, and goes on writing.
TEST(UpdateRun, OfOneSessionIsAllOfItWhoeverWroteIt) {
  UpdateRun run(by(1, 12, "brought"));
  run.add(by(1, 11, "written"));
  EXPECT_TRUE(run.is_all_of(1));
  EXPECT_EQ(without(run, 1), "");
  run.add(by(2, 13, "x"));
  EXPECT_FALSE(run.is_all_of(1));
}

// A delete set does not say who deleted: the session does.
TEST(UpdateRun, ADeletionIsOfTheSessionThatSentIt) {
  UpdateRun run(by(1, 0, "-a"));
  run.add(by(1, 11, "b"));
  run.add(by(2, 0, "-x"));
  EXPECT_EQ(joined(run), "-a+b+-x");
  EXPECT_EQ(without(run, 1), "-x");
  EXPECT_EQ(without(run, 2), "-a+b");
}

TEST(UpdateRun, SaysWhoMayFindItsOwnInIt) {
  UpdateRun run(by(1, 11, "a"));
  run.add(by(2, 0, "-x"));
  EXPECT_FALSE(run.may_hold_content_of(12, 5));
  EXPECT_TRUE(run.may_hold_content_of(11, 5)) << "by an older connection of this client";
  EXPECT_FALSE(run.may_hold_content_of(11, 1)) << "by its own session it is left out";
  EXPECT_TRUE(run.may_hold_content_of({}, 5)) << "nobody knows whose it would be";
  EXPECT_FALSE(UpdateRun(by(2, 0, "-x")).may_hold_content_of({}, 5)) << "deletions are nobody's";
}

TEST(UpdateRun, OfSeveralAuthorsOrWithAGapStandsAlone) {
  Contribution several = by(1, 11, "ab"), gappy = by(1, 11, "d");
  several.applied.authors = FRESHET_AUTHORS_UNKNOWN;
  gappy.applied.whole = 0;
  UpdateRun run(by(1, 11, "a"));
  for (const Contribution& each : {several, gappy}) {
    EXPECT_FALSE(run.takes(each));
    UpdateRun alone(each);
    EXPECT_FALSE(alone.takes(by(1, 11, "c")));
    EXPECT_EQ(joined(alone), as_text(each.update));
  }
  EXPECT_TRUE(UpdateRun(several).may_hold_content_of(77, 5));
  EXPECT_FALSE(UpdateRun(gappy).may_hold_content_of(77, 5));
}

TEST(UpdateRun, HasFewWriters) {
  UpdateRun run(by(1, 11, "a"));
  for (MemberId id = 2; id <= kWritersPerRun; ++id) run.add(by(id, 10 + id, "b"));
  EXPECT_FALSE(run.takes(by(99, 99, "z")));
  EXPECT_TRUE(run.takes(by(3, 13, "c")));
}

TEST(UpdateRun, ThatCannotBeJoinedIsInItsPartsAgain) {
  UpdateRun run(by(1, 11, "a", "ann"));
  run.add(by(2, 12, "odd", "bob"));
  run.add(by(1, 11, "b"));
  EXPECT_NE(run.join(kJoins), Status::ok);
  std::vector<UpdateRun> parts = run.split();
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(joined(parts[0]) + joined(parts[1]) + joined(parts[2]), "aoddb");
  EXPECT_TRUE(parts[1].is_all_of(2));
  EXPECT_EQ(parts[1].source().client, 102u);
  EXPECT_EQ(view(parts[1].source().user), "bob");
}

TEST(UpdateRun, NeedsNoEngineThatJoins) {
  const freshet_crdt older{};
  UpdateRun run(by(1, 11, "a"));
  EXPECT_EQ(run.join(older), Status::ok);
  run.add(by(1, 11, "b"));
  EXPECT_NE(run.join(older), Status::ok);
}

TEST(UpdateRun, ThatIsLentStaysWhereItIs) {
  const std::string text(1 << 20, 'x');
  UpdateRun run = UpdateRun::lent(by(1, 11, text));
  EXPECT_FALSE(run.takes(by(1, 11, "y")));
  ASSERT_EQ(run.join(kJoins), Status::ok);
  EXPECT_EQ(as_text(run.joined()).data(), text.data());
}

}  // namespace
}  // namespace freshet
