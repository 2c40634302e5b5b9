// Presence that is written, read out of what servers make of it, and credited to who received it.
#include <gtest/gtest.h>

#include "bytes_of.h"
#include "freshet/format/codec.h"
#include "load/edits/bodies.h"
#include "load/edits/presence_credit.h"
#include "load/wires/awareness.h"
#include "load/wires/hocuspocus_wire.h"
#include "load/wires/pluv_wire.h"
#include "load/wires/yjs_wire.h"

namespace freshet::load {
namespace {

Person person(uint32_t place, uint64_t state) {
  Person who{.room = "r", .name = "ann", .client_id = 300 + place, .document = {}, .session = {}};
  who.place = place;
  who.state = state;
  return who;
}

// Entries of several people in one awareness update, as a server that merges sends them.
std::vector<uint8_t> awareness_of(std::vector<Person> people) {
  std::vector<uint8_t> out;
  Writer to(out);
  to.varuint(people.size());
  for (Person& who : people) {
    std::vector<uint8_t> one;
    write_awareness(who, one);
    out.insert(out.end(), one.begin() + 1, one.end());
  }
  return out;
}

TEST(Awareness, TellsWhichStateOfWhomItHolds) {
  std::vector<Shown> shown;
  read_awareness(awareness_of({person(0, 7), person(12, 1)}), shown);
  EXPECT_EQ(shown, (std::vector<Shown>{{0, 7}, {12, 1}}));
}

TEST(Awareness, OfWhoHasGoneAndOfStrangersTellsNothing) {
  std::vector<uint8_t> update;
  Writer to(update);
  to.varuint(3);
  for (const char* state : {"null", R"({"user":{"name":"x"}})", R"({"place":-1,"cursor":[]})"}) {
    to.varuint(9);
    to.varuint(1);
    to.string(state);
  }
  std::vector<Shown> shown;
  read_awareness(update, shown);
  EXPECT_TRUE(shown.empty());
  read_awareness(bytes_of("05 01"), shown);
  EXPECT_TRUE(shown.empty()) << "cut off";
}

TEST(Presence, IsReadFromTheMessagesOfEachWire) {
  std::vector<uint8_t> scratch;
  const auto shown_by = [&](const Wire& wire, const std::vector<uint8_t>& message) {
    std::vector<Shown> shown;
    const Heard heard = wire.read(message, scratch);
    wire.read_presence(heard, shown);
    return shown;
  };
  const auto entries = awareness_of({person(3, 5)});
  std::vector<uint8_t> message{1};
  Writer(message).bytes(entries);
  EXPECT_EQ(shown_by(YjsWire(""), message), (std::vector<Shown>{{3, 5}}));
  message = {1, 'r', 1};
  Writer(message).bytes(entries);
  EXPECT_EQ(shown_by(HocuspocusWire("/", ""), message), (std::vector<Shown>{{3, 5}}));
  const PluvWire pluv("", Acks::none);
  EXPECT_EQ(
      shown_by(pluv, copy_of(as_bytes(R"({"type":"$presenceUpdated","data":{"presence":{"place":3,)"
                                      R"("cursor":5}},"connectionId":"p"})"))),
      (std::vector<Shown>{{3, 5}}));
  EXPECT_EQ(shown_by(pluv, copy_of(as_bytes(R"({"type":"$userJoined","data":{"connectionId":"p",)"
                                            R"("presence":{"cursor":2,"place":1}}})"))),
            (std::vector<Shown>{{1, 2}}));
  EXPECT_TRUE(shown_by(pluv, copy_of(as_bytes(R"({"type":"$pong","data":{}})"))).empty());
}

TEST(PresenceCredit, TakesASkippedStateAsDeliveredWhenANewerOneArrives) {
  PresenceCredit credit(2);
  EXPECT_EQ(credit.take({0, 1}), (PresenceCredit::Span{0, 1}));
  EXPECT_EQ(credit.take({0, 4}), (PresenceCredit::Span{1, 4}));
  EXPECT_EQ(credit.take({0, 4}), (PresenceCredit::Span{4, 4})) << "once";
  EXPECT_EQ(credit.take({0, 2}), (PresenceCredit::Span{4, 4})) << "an older one is none";
  EXPECT_EQ(credit.take({1, 1}), (PresenceCredit::Span{0, 1}));
  EXPECT_EQ(credit.received(), 5u);
}

TEST(PresenceCredit, OwesWhatOthersHaveShownSinceItBegan) {
  PresenceCredit credit(3);
  credit.begin(std::vector<uint64_t>{5, 5, 5});
  EXPECT_EQ(credit.take({1, 5}), (PresenceCredit::Span{5, 5})) << "from before";
  credit.take({1, 6});
  EXPECT_EQ(credit.expected(std::vector<uint64_t>{7, 7, 9}, 2u), 4u)
      << "its own are not owed to it";
  EXPECT_EQ(credit.expected(std::vector<uint64_t>{7, 7, 9}, 50u), 8u);
  EXPECT_EQ(credit.received(), 1u);
}

TEST(Bodies, ReadPresenceOnceForAllWhoGetIt) {
  const YjsWire wire("");
  const Authors authors{.first_id = 7, .writers = 1, .edit_bytes = 1, .document_bytes = 0};
  const Schedule schedule(1, 0, 1000);
  Bodies bodies(wire, authors, schedule);
  std::vector<uint8_t> message{1};
  Writer(message).bytes(awareness_of({person(2, 9), person(1, 8)}));
  for (int reader = 0; reader < 3; ++reader) {
    EXPECT_EQ(bodies.of(message).shown, (std::vector<Shown>{{2, 9}, {1, 8}}));
  }
  EXPECT_EQ(bodies.parsed(), 1u);
}

}  // namespace
}  // namespace freshet::load
