// Edits that are written, merged by somebody else, and credited to who received them.
#include <gtest/gtest.h>

#include "bytes_of.h"
#include "freshet/crdt/doc.h"
#include "freshet/crdt/updates.h"
#include "freshet/format/codec.h"
#include "load/edits/authors.h"
#include "load/edits/bodies.h"
#include "load/edits/contributions.h"
#include "load/edits/reader_credit.h"
#include "load/edits/schedule.h"
#include "load/wires/yjs_wire.h"

namespace freshet::load {
namespace {

constexpr Authors kAuthors{
    .first_id = 3'000'000'000, .writers = 3, .edit_bytes = 2, .document_bytes = 0};

std::vector<uint8_t> edit_of(const Authors& authors, uint32_t writer, uint64_t n) {
  std::vector<uint8_t> out;
  write_edit(authors, writer, n, out);
  return out;
}

std::vector<Contribution> parts_of(Bytes update, const Authors& authors = kAuthors) {
  std::vector<Contribution> parts;
  EXPECT_TRUE(read_contributions(update, authors, parts));
  return parts;
}

// As a server merges what came within a window: by the engine, which joins neighbours.
std::vector<uint8_t> merged(const std::vector<std::vector<uint8_t>>& updates) {
  std::vector<Bytes> views(updates.begin(), updates.end());
  std::vector<uint8_t> out;
  EXPECT_EQ(crdt::merge_updates(views, out), Status::ok);
  return out;
}

TEST(Edits, AreWhatYjsWrites) {
  // Client 1, 1 struct from clock 0: text "ab" in the root "text"; nothing deleted.
  const Authors one{.first_id = 1, .writers = 1, .edit_bytes = 2, .document_bytes = 0};
  EXPECT_EQ(edit_of(one, 0, 0), bytes_of("01 01 01 00 04 01 04 74657874 02 6162 00"));
  // The next stands behind clock 1 of the same client.
  EXPECT_EQ(edit_of(one, 0, 1), bytes_of("01 01 01 02 84 01 01 02 6364 00"));
  const Authors after{.first_id = 1, .writers = 1, .edit_bytes = 2, .document_bytes = 10};
  EXPECT_EQ(edit_of(after, 0, 0), bytes_of("01 01 01 00 84 02 09 02 6162 00"));
}

TEST(Edits, OfAWindowAreWhatAServerMakesOfThem) {
  const Edits window[] = {{2, 0, 2}, {0, 0, 5}};
  std::vector<uint8_t> update;
  write_edits(kAuthors, window, update);
  std::vector<std::vector<uint8_t>> single;
  for (uint64_t n = 0; n < 5; ++n) single.push_back(edit_of(kAuthors, 0, n));
  for (uint64_t n = 0; n < 2; ++n) single.push_back(edit_of(kAuthors, 2, n));
  EXPECT_EQ(update, merged(single));
  const Edits later[] = {{2, 2, 3}, {1, 7, 9}};
  update.clear();
  write_edits(kAuthors, later, update);
  EXPECT_EQ(parts_of(update), (std::vector<Contribution>{{2, 4, 6}, {1, 14, 18}}));
}

TEST(Edits, OfSeveralWritersAndADocumentAreTakenByTheEngine) {
  Authors authors = kAuthors;
  authors.document_bytes = 30;
  crdt::Doc doc;
  std::vector<uint8_t> document;
  write_document(authors, document);
  ASSERT_TRUE(doc.apply(document));
  for (uint64_t n = 0; n < 4; ++n) {
    for (uint32_t writer = 0; writer < 3; ++writer) {
      ASSERT_TRUE(doc.apply(edit_of(authors, writer, n)));
    }
  }
  std::string text;
  doc.text("text", text);
  EXPECT_EQ(text,
            "abcdefghijklmnopqrstuvwxyzabcd"
            "abcdefghabcdefghabcdefgh");
}

TEST(Contributions, AreReadFromWhatAServerMerged) {
  std::vector<std::vector<uint8_t>> updates;
  for (uint64_t n = 3; n < 8; ++n) updates.push_back(edit_of(kAuthors, 0, n));
  for (uint64_t n = 1; n < 3; ++n) updates.push_back(edit_of(kAuthors, 2, n));
  EXPECT_EQ(parts_of(merged(updates)), (std::vector<Contribution>{{2, 2, 6}, {0, 6, 16}}));
}

TEST(Contributions, PassOverGapsAndStrangers) {
  const auto update = merged({edit_of(kAuthors, 1, 0), edit_of(kAuthors, 1, 4)});
  EXPECT_EQ(parts_of(update), (std::vector<Contribution>{{1, 0, 2}, {1, 8, 10}}));
  const Authors others{.first_id = 7, .writers = 1, .edit_bytes = 2, .document_bytes = 0};
  EXPECT_TRUE(parts_of(update, others).empty());
}

TEST(Contributions, CountWhatAnEchoOfEmptyItemsHolds) {
  // A GC of 5 and a deletion of 1 with an origin, client 3,000,000,000.
  const auto update = bytes_of("01 02 80bcc1960b 03 00 05 81 80bcc1960b 07 01 00");
  EXPECT_EQ(parts_of(update), (std::vector<Contribution>{{0, 3, 9}}));
}

TEST(Contributions, CountUnitsOfUtf16) {
  // "é😀" in root "t": 1 + 2 units in 6 bytes.
  const auto update = bytes_of("01 01 80bcc1960b 00 04 01 01 74 06 c3a9 f09f9880 00");
  EXPECT_EQ(parts_of(update), (std::vector<Contribution>{{0, 0, 3}}));
}

TEST(Contributions, AreNotReadFromWhatIsNoUpdate) {
  const auto whole = edit_of(kAuthors, 0, 5);
  for (size_t length = 0; length + 1 < whole.size(); ++length) {
    std::vector<Contribution> parts;
    EXPECT_FALSE(read_contributions(Bytes(whole).first(length), kAuthors, parts)) << length;
  }
  std::vector<Contribution> parts;
  EXPECT_FALSE(
      read_contributions(bytes_of("01 01 01 00 08 01 01 74 01 7d 01 00"), kAuthors, parts));
}

TEST(ReaderCredit, CountsEachClockOnceHoweverFramesOverlap) {
  ReaderCredit credit(2);
  EXPECT_EQ(credit.take({0, 0, 6}), (Contribution{0, 0, 6}));
  EXPECT_EQ(credit.take({0, 0, 6}), (Contribution{0, 6, 6}));
  EXPECT_EQ(credit.take({0, 4, 10}), (Contribution{0, 6, 10}));
  EXPECT_EQ(credit.take({1, 0, 1}), (Contribution{1, 0, 1}));
  EXPECT_EQ(credit.take({0, 2, 8}), (Contribution{0, 10, 10}));
  EXPECT_EQ(credit.through(0), 10u);
}

TEST(ReaderCredit, CountsWhatLiesBehindAGapWhenTheGapCloses) {
  ReaderCredit credit(2);
  EXPECT_EQ(credit.take({0, 8, 10}), (Contribution{0, 0, 0}));
  EXPECT_EQ(credit.take({0, 4, 8}), (Contribution{0, 0, 0}));
  EXPECT_EQ(credit.take({1, 4, 8}), (Contribution{1, 0, 0}));
  EXPECT_EQ(credit.parked(), 2u) << "what joins is one range";
  EXPECT_EQ(credit.take({0, 12, 14}), (Contribution{0, 0, 0}));
  EXPECT_EQ(credit.take({0, 0, 5}), (Contribution{0, 0, 10}))
      << "through both, in whatever order they came";
  EXPECT_EQ(credit.parked(), 2u);
  EXPECT_EQ(credit.take({0, 9, 12}), (Contribution{0, 10, 14}));
}

TEST(ReaderCredit, TakesGapsThatCloseFromTheMiddle) {
  ReaderCredit credit(1);
  credit.take({0, 6, 8});
  credit.take({0, 2, 4});
  credit.take({0, 4, 6});
  EXPECT_EQ(credit.take({0, 0, 2}), (Contribution{0, 0, 8}));
  EXPECT_EQ(credit.parked(), 0u);
}

TEST(ReaderCredit, SaysThatItForgotWhenThereAreTooManyGaps) {
  ReaderCredit credit(1);
  for (uint64_t i = 0; i < kMaxParkedRanges; ++i) credit.take({0, 2 * i + 1, 2 * i + 2});
  EXPECT_FALSE(credit.lost());
  credit.take({0, 1'000'000, 1'000'001});
  EXPECT_TRUE(credit.lost());
}

TEST(Schedule, PutsEachEditIntoItsOwnPeriodAtItsOwnMoment) {
  Schedule schedule(1, 2, 1000);
  schedule.start(50'000);
  std::vector<int64_t> within;
  for (uint64_t edit = 0; edit < 100; ++edit) {
    const int64_t at = schedule.due(3, edit) - 50'000 - static_cast<int64_t>(edit) * 1000;
    EXPECT_GE(at, 0);
    EXPECT_LT(at, 1000);
    within.push_back(at);
  }
  EXPECT_NE(within[0], within[1]);
  EXPECT_NE(schedule.due(3, 0), schedule.due(4, 0)) << "writers are not in step";
  Schedule again(1, 2, 1000);
  again.start(50'000);
  EXPECT_EQ(schedule.due(3, 77), again.due(3, 77)) << "the seed says all";
}

std::vector<uint8_t> message_of(const std::vector<uint8_t>& update) {
  std::vector<uint8_t> out{0, 2, static_cast<uint8_t>(update.size())};
  out.insert(out.end(), update.begin(), update.end());
  return out;
}

TEST(Bodies, ReadAMessageOnceForAllWhoGetIt) {
  const YjsWire wire("");
  Schedule schedule(1, 0, 1000);
  Bodies bodies(wire, kAuthors, schedule);
  const auto first = message_of(
      merged({edit_of(kAuthors, 0, 0), edit_of(kAuthors, 0, 1), edit_of(kAuthors, 1, 0)}));
  const auto second = message_of(edit_of(kAuthors, 1, 1));
  for (int reader = 0; reader < 100; ++reader) {
    const Body& body = bodies.of(first);
    EXPECT_EQ(body.heard.word, Word::update);
    EXPECT_EQ(body.parts, (std::vector<Contribution>{{1, 0, 2}, {0, 0, 4}}));
    EXPECT_EQ(body.dues,
              (std::vector<int64_t>{schedule.due(1, 0), schedule.due(0, 0), schedule.due(0, 1)}));
    EXPECT_EQ(bodies.of(second).parts, (std::vector<Contribution>{{1, 2, 4}}));
  }
  EXPECT_EQ(bodies.parsed(), 2u);
}

TEST(Bodies, ForgetTheOldestAndReadItAgain) {
  const YjsWire wire("");
  Schedule schedule(1, 0, 1000);
  Bodies bodies(wire, kAuthors, schedule);
  const auto first = message_of(edit_of(kAuthors, 0, 0));
  bodies.of(first);
  for (uint64_t n = 1; n < kBodiesKept; ++n) bodies.of(message_of(edit_of(kAuthors, 0, n)));
  bodies.of(first);
  EXPECT_EQ(bodies.parsed(), kBodiesKept);
  bodies.of(message_of(edit_of(kAuthors, 0, kBodiesKept)));
  bodies.of(first);
  EXPECT_EQ(bodies.parsed(), kBodiesKept + 2);
}

TEST(Bodies, RememberOneLongMessageBesideTheOthers) {
  Authors authors = kAuthors;
  authors.document_bytes = kMaxBodyKeptBytes + 1;
  std::vector<uint8_t> document;
  write_document(authors, document);
  std::vector<uint8_t> message{0, 2};
  Writer(message).bytes(document);
  const YjsWire wire("");
  Schedule schedule(1, 0, 1000);
  Bodies bodies(wire, authors, schedule);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(bodies.of(message).parts, (std::vector<Contribution>{{3, 0, kMaxBodyKeptBytes + 1}}));
  }
  for (uint64_t n = 0; n < 2 * kBodiesKept; ++n) bodies.of(message_of(edit_of(authors, 0, n)));
  bodies.of(message);
  EXPECT_EQ(bodies.parsed(), 1 + 2 * kBodiesKept);
  message.back() = 9;
  bodies.of(message);
  EXPECT_EQ(bodies.parsed(), 2 + 2 * kBodiesKept);
}

}  // namespace
}  // namespace freshet::load
