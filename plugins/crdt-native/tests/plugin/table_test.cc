// freshet.crdt/0 as the core sees it: through the C table of the plugin alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <span>
#include <string>
#include <utility>

#include "fixtures.h"
#include "freshet/abi.h"
#include "freshet/crdt/limits.h"
#include "freshet/format/edits.h"
#include "freshet/sink.h"
#include "freshet/testing.h"

extern "C" const freshet_plugin* freshet_plugin_entry(void);

namespace freshet::crdt {
namespace {

// "ab" at the start of root "t" by client 7, and the deletion of its first letter.
const Buffer kAb = from_hex(
    "01010700040101740261"
    "6200");
const Buffer kNoA = from_hex("000107010001");
const Buffer kTruncated = from_hex("0101070004");
// As kAb, with a number longer than it has to be.
const Buffer kLong = from_hex(
    "8100010700040101740261"
    "6200");
constexpr uint32_t kUnknownFormat = 77;

class Table : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(plugin_.abi, uint32_t{FRESHET_ABI_VERSION});
    ASSERT_EQ(plugin_.create(c_host(), &self_), FRESHET_OK);
    crdt_ = static_cast<const freshet_crdt*>(plugin_.service(self_, FRESHET_CRDT_ID));
    ASSERT_NE(crdt_, nullptr);
    doc_ = crdt_->doc_create(crdt_->self);
    ASSERT_NE(doc_, nullptr);
  }
  void TearDown() override {
    if (doc_ != nullptr) crdt_->doc_destroy(crdt_->self, doc_);
    if (self_ != nullptr) plugin_.destroy(self_);
    EXPECT_EQ(host_.log(), logged_);
  }

  const freshet_host* c_host() const {
    // A Host is a pointer to the table and nothing else.
    const Host host = host_.host();
    return std::bit_cast<const freshet_host*>(host);
  }
  freshet_status apply(const Buffer& update, uint32_t format = FRESHET_UPDATE_V1) {
    applied_ = {};
    applied_.size = sizeof(applied_);
    return crdt_->apply(crdt_->self, doc_, format, to_c(Bytes(update)), &applied_);
  }
  freshet_status load(const Buffer& update, uint32_t format = FRESHET_UPDATE_V1) {
    applied_ = {};
    applied_.size = sizeof(applied_);
    return crdt_->load(crdt_->self, doc_, format, to_c(Bytes(update)), &applied_);
  }
  freshet_status diff(const Buffer& state_vector, Buffer& out,
                      uint32_t format = FRESHET_UPDATE_V1) {
    return crdt_->diff(crdt_->self, doc_, format, to_c(Bytes(state_vector)), VectorSink(out).c());
  }
  std::string json() {
    Buffer out;
    EXPECT_EQ(crdt_->json(crdt_->self, doc_, VectorSink(out).c()), FRESHET_OK);
    return {out.begin(), out.end()};
  }
  freshet_status merge(const std::vector<Buffer>& updates, Buffer& out,
                       uint32_t format = FRESHET_UPDATE_V1) {
    std::vector<freshet_bytes> views;
    for (const Buffer& update : updates) views.push_back(to_c(Bytes(update)));
    return crdt_->merge(crdt_->self, format, views.data(), views.size(), VectorSink(out).c());
  }
  freshet_status squash(const std::vector<Buffer>& updates, Buffer& out,
                        uint32_t format = FRESHET_UPDATE_V1) {
    std::vector<freshet_bytes> views;
    for (const Buffer& update : updates) views.push_back(to_c(Bytes(update)));
    return crdt_->squash(crdt_->self, format, views.data(), views.size(), VectorSink(out).c());
  }
  freshet_status reencode(const Buffer& update, Buffer& out, uint32_t format = FRESHET_UPDATE_V1) {
    return crdt_->reencode(crdt_->self, format, to_c(Bytes(update)), VectorSink(out).c());
  }

  const freshet_plugin& plugin_ = *freshet_plugin_entry();
  freshet::testing::FakeHost host_{std::span(plugin_.settings, plugin_.setting_count)};
  void* self_ = nullptr;
  const freshet_crdt* crdt_ = nullptr;
  freshet_doc* doc_ = nullptr;
  freshet_applied applied_{};
  std::string logged_;  // at the end
};

TEST_F(Table, SaysWhatItIs) {
  EXPECT_STREQ(plugin_.id, "crdt-native");
  ASSERT_NE(plugin_.offers[0], nullptr);
  EXPECT_STREQ(plugin_.offers[0], FRESHET_CRDT_ID);
  EXPECT_EQ(plugin_.service(self_, "freshet.store/0"), nullptr);
  EXPECT_EQ(crdt_->size, sizeof(freshet_crdt));
  EXPECT_STREQ(crdt_->name, "yjs");
}

TEST_F(Table, TellsWhatAnUpdateDid) {
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  EXPECT_EQ(applied_.changed, 1);
  EXPECT_EQ(applied_.canonical, 1);
  EXPECT_EQ(applied_.authors, FRESHET_AUTHORS_ONE);
  EXPECT_EQ(applied_.author, 7u);
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  EXPECT_EQ(applied_.changed, 0);
  ASSERT_EQ(apply(kLong), FRESHET_OK);
  EXPECT_EQ(applied_.canonical, 0);
  ASSERT_EQ(apply(kNoA), FRESHET_OK);
  EXPECT_EQ(applied_.authors, FRESHET_AUTHORS_NONE);
  EXPECT_EQ(json(), R"({"t":"b"})");
}

TEST_F(Table, DescribesAnUpdateToPeople) {
  Buffer out;
  ASSERT_EQ(
      crdt_->describe(crdt_->self, FRESHET_UPDATE_V1, to_c(Bytes(kAb)), 20, VectorSink(out).c()),
      FRESHET_OK);
  EXPECT_EQ(as_text(Bytes(out)),
            R"({"structs":1,"deletes":0,"deleted":[],"operations":[{"op":"insert","client":7,)"
            R"("clock":0,"length":2,"parent":"t","content":"ab"}],"more":0})");
  out.clear();
  ASSERT_EQ(
      crdt_->describe(crdt_->self, FRESHET_UPDATE_V1, to_c(Bytes(kNoA)), 0, VectorSink(out).c()),
      FRESHET_OK);
  EXPECT_EQ(as_text(Bytes(out)),
            R"({"structs":0,"deletes":1,"deleted":[{"client":7,"length":1}],"operations":[],)"
            R"("more":1})");
  EXPECT_EQ(crdt_->describe(crdt_->self, FRESHET_UPDATE_V1, to_c(Bytes(kTruncated)), 20,
                            VectorSink(out).c()),
            FRESHET_MALFORMED);
}

TEST_F(Table, OutlinesADocumentToPeople) {
  const auto outline = [&](uint32_t limit) {
    Buffer out;
    EXPECT_EQ(crdt_->outline(crdt_->self, doc_, limit, VectorSink(out).c()), FRESHET_OK);
    return std::string(out.begin(), out.end());
  };
  EXPECT_EQ(outline(10), R"({"roots":[],"more":0})");
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  ASSERT_EQ(apply(kNoA), FRESHET_OK);
  EXPECT_EQ(outline(10),
            R"({"roots":[{"name":"t","kind":"text","length":1,"text":"b"}],"more":0})");
  const std::string_view operations =
      R"([{"op":"set","root":"m","kind":"map","key":"done","content":{"value":true}}])";
  Buffer edit;
  ASSERT_EQ(crdt_->edit(crdt_->self, doc_, 9, to_c(as_bytes(operations)), VectorSink(edit).c()),
            FRESHET_OK);
  EXPECT_EQ(outline(10),
            R"({"roots":[{"name":"t","kind":"text","length":1,"text":"b"},{"name":"m",)"
            R"("kind":"map","children":[{"name":"done","kind":"value","value":true}]}],"more":0})");
  EXPECT_EQ(outline(1), R"({"roots":[{"name":"t","kind":"text","length":1,"text":"b"}],"more":1})");
}

// kAb, as another copy of that client has it.
TEST_F(Table, TellsOfTwoCopiesThatWriteAsOneClient) {
  Buffer other = kAb;
  *std::find(other.begin(), other.end(), 'b') = 'c';
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  EXPECT_EQ(applied_.contradicts, 0);
  ASSERT_EQ(apply(other), FRESHET_OK);
  EXPECT_EQ(applied_.changed, 0);
  EXPECT_EQ(applied_.contradicts, 1);
  EXPECT_EQ(applied_.twin, 7u);
}

// It has no place for that, and what lies behind its struct is its own.
TEST_F(Table, TellsAnOlderHostNothingOfThat) {
  Buffer other = kAb;
  *std::find(other.begin(), other.end(), 'b') = 'c';
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  freshet_applied told{};
  told.size = offsetof(freshet_applied, contradicts);
  told.contradicts = 9;
  told.twin = 9;
  ASSERT_EQ(crdt_->apply(crdt_->self, doc_, FRESHET_UPDATE_V1, to_c(Bytes(other)), &told),
            FRESHET_OK);
  EXPECT_EQ(told.contradicts, 9);
  EXPECT_EQ(told.twin, 9u);
}

TEST_F(Table, TellsWhatMayBeSquashed) {
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  EXPECT_EQ(applied_.whole, 1);
  ASSERT_EQ(load(kNoA), FRESHET_OK);
  EXPECT_EQ(applied_.whole, 1);
  ASSERT_EQ(apply(from_hex("00010701"
                           "0201")),
            FRESHET_OK);  // of what has not come
  EXPECT_EQ(applied_.whole, 0);
  // A host that does not know of it has none of its own there.
  freshet_applied told{};
  told.size = offsetof(freshet_applied, whole);
  told.whole = 9;
  ASSERT_EQ(crdt_->apply(crdt_->self, doc_, FRESHET_UPDATE_V1, to_c(Bytes(kAb)), &told),
            FRESHET_OK);
  EXPECT_EQ(told.whole, 9);
}

// For clients that show and restore older versions: `collect_garbage = false`.
class KeepingTable : public Table {
 protected:
  void SetUp() override {
    host_.set("collect_garbage", int64_t{0});
    Table::SetUp();
  }
};

bool holds_text(const Buffer& update, std::string_view text) {
  return std::search(update.begin(), update.end(), text.begin(), text.end()) != update.end();
}

TEST_F(Table, DropsWhatWasDeleted) {
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  ASSERT_EQ(apply(kNoA), FRESHET_OK);
  Buffer state, merged;
  ASSERT_EQ(diff({}, state), FRESHET_OK);
  ASSERT_EQ(merge({kAb, kNoA}, merged), FRESHET_OK);
  EXPECT_FALSE(holds_text(state, "a")) << "in a state";
  EXPECT_FALSE(holds_text(merged, "a")) << "when a log becomes a snapshot";
}

TEST_F(KeepingTable, KeepsWhatWasDeletedHoweverItCame) {
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  ASSERT_EQ(apply(kNoA), FRESHET_OK);
  EXPECT_EQ(json(), R"({"t":"b"})");
  Buffer state, merged, again, encoded;
  ASSERT_EQ(diff({}, state), FRESHET_OK);
  ASSERT_EQ(merge({kAb, kNoA}, merged), FRESHET_OK);
  ASSERT_EQ(merge({merged}, again), FRESHET_OK);
  ASSERT_EQ(reencode(again, encoded), FRESHET_OK);
  for (const Buffer& each : {state, merged, again, encoded}) {
    EXPECT_TRUE(holds_text(each, "a")) << to_hex(each);
    crdt_->doc_destroy(crdt_->self, doc_);
    doc_ = crdt_->doc_create(crdt_->self);
    ASSERT_EQ(load(each), FRESHET_OK);
    Buffer loaded;
    ASSERT_EQ(diff({}, loaded), FRESHET_OK);
    EXPECT_TRUE(holds_text(loaded, "a")) << to_hex(loaded);
    EXPECT_EQ(json(), R"({"t":"b"})");
  }
}

TEST_F(Table, RefusesWhatIsNoUpdateAndKeepsTheDocument) {
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  EXPECT_EQ(apply(kTruncated), FRESHET_MALFORMED);
  EXPECT_EQ(apply({}), FRESHET_MALFORMED);
  EXPECT_EQ(apply(kNoA, kUnknownFormat), FRESHET_UNSUPPORTED);
  EXPECT_EQ(load(kTruncated), FRESHET_MALFORMED);
  EXPECT_EQ(load(kNoA, kUnknownFormat), FRESHET_UNSUPPORTED);
  // Three bytes that claim more clients than a peer may name, with as many bytes behind them.
  Buffer crowd = from_hex("c19a0c");
  crowd.resize(kMaxClientsPerUpdate + 4);
  EXPECT_EQ(apply(crowd), FRESHET_TOO_LARGE);
  EXPECT_EQ(json(), R"({"t":"ab"})");
}

TEST_F(Table, LoadsWhatItEncoded) {
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  Buffer state;
  ASSERT_EQ(diff({}, state), FRESHET_OK);
  EXPECT_EQ(to_hex(state), to_hex(kAb));
  freshet_doc* other = std::exchange(doc_, crdt_->doc_create(crdt_->self));
  ASSERT_EQ(load(state), FRESHET_OK);
  EXPECT_EQ(applied_.changed, 1);
  EXPECT_EQ(json(), R"({"t":"ab"})");
  crdt_->doc_destroy(crdt_->self, other);
}

TEST_F(Table, AnswersAStateVectorWithWhatIsMissing) {
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  Buffer state_vector, missing;
  ASSERT_EQ(crdt_->state_vector(crdt_->self, doc_, VectorSink(state_vector).c()), FRESHET_OK);
  EXPECT_EQ(to_hex(state_vector), "010702");
  ASSERT_EQ(diff(state_vector, missing), FRESHET_OK);
  EXPECT_EQ(to_hex(missing), "0000");
  EXPECT_EQ(diff(from_hex("0507"), missing), FRESHET_MALFORMED);
  EXPECT_EQ(diff({}, missing, kUnknownFormat), FRESHET_UNSUPPORTED);
}

TEST_F(Table, CountsWhatItHolds) {
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  ASSERT_EQ(apply(from_hex("010109058409040178"
                           "00")),
            FRESHET_OK);  // waits for what is before it
  freshet_doc_stats stats{};
  stats.size = sizeof(stats);
  crdt_->stats(crdt_->self, doc_, &stats);
  EXPECT_GT(stats.memory_bytes, 0u);
  EXPECT_GT(stats.pending_bytes, 0u);
  EXPECT_EQ(stats.items, 1u);
  EXPECT_EQ(stats.clients, 2u);
}

TEST_F(Table, WorksOnUpdatesWithoutADocument) {
  Buffer merged;
  ASSERT_EQ(merge({kAb, kNoA}, merged), FRESHET_OK);
  ASSERT_EQ(apply(merged), FRESHET_OK);
  EXPECT_EQ(json(), R"({"t":"b"})");
  Buffer nothing;
  EXPECT_EQ(merge({}, nothing), FRESHET_OK);
  EXPECT_EQ(to_hex(nothing), "0000");
  Buffer none;
  EXPECT_EQ(merge({kAb, kTruncated}, none), FRESHET_MALFORMED);
  EXPECT_EQ(merge({kAb}, none, kUnknownFormat), FRESHET_UNSUPPORTED);

  Buffer squashed;
  const Buffer c = from_hex(
      "01010702"
      "840701016300");
  ASSERT_EQ(squash({kAb, kNoA, c}, squashed), FRESHET_OK);
  EXPECT_EQ(to_hex(squashed),
            "010107000401017403616263"
            "0107010001");
  EXPECT_EQ(squash({kAb, kAb}, none), FRESHET_UNSUPPORTED);
  EXPECT_EQ(squash({kAb, kTruncated}, none), FRESHET_MALFORMED);
  EXPECT_EQ(squash({kAb}, none, kUnknownFormat), FRESHET_UNSUPPORTED);

  Buffer careful;
  ASSERT_EQ(reencode(kLong, careful), FRESHET_OK);
  EXPECT_EQ(to_hex(careful), to_hex(kAb));
  EXPECT_EQ(reencode(kTruncated, none), FRESHET_MALFORMED);
  EXPECT_EQ(reencode(kAb, none, kUnknownFormat), FRESHET_UNSUPPORTED);
  EXPECT_TRUE(none.empty());
}

TEST_F(Table, KnowsWhatItHasDeletionsIncluded) {
  const auto knows = [&](const Buffer& update,
                         uint32_t format = FRESHET_UPDATE_V1) -> std::string_view {
    uint8_t known = 7;
    const freshet_status status =
        crdt_->knows(crdt_->self, doc_, format, to_c(Bytes(update)), &known);
    return status == FRESHET_OK ? (known != 0 ? "known" : "news") : name_of(Status{status});
  };
  const Buffer nothing = from_hex("0000");
  EXPECT_EQ(knows(nothing), "known");
  EXPECT_EQ(knows(kAb), "news");
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  EXPECT_EQ(knows(kAb), "known");
  EXPECT_EQ(knows(kNoA), "news") << "a deletion alone";
  ASSERT_EQ(apply(kNoA), FRESHET_OK);
  EXPECT_EQ(knows(kNoA), "known");
  EXPECT_EQ(knows(kTruncated), "malformed");
  EXPECT_EQ(knows(kAb, kUnknownFormat), "unsupported");
  EXPECT_EQ(json(), R"({"t":"b"})") << "it changes nothing";
}

TEST_F(Table, PassesOnThatASinkTookNothing) {
  ASSERT_EQ(apply(kAb), FRESHET_OK);
  const freshet_sink full = {
      .ctx = nullptr,
      .write = [](void*, freshet_bytes) -> freshet_status { return FRESHET_TOO_LARGE; },
      .reserve = [](void*, size_t) -> uint8_t* { return nullptr; },
      .commit = [](void*, size_t) -> freshet_status { return FRESHET_INTERNAL; }};
  EXPECT_EQ(crdt_->state_vector(crdt_->self, doc_, &full), FRESHET_TOO_LARGE);
  EXPECT_EQ(crdt_->diff(crdt_->self, doc_, FRESHET_UPDATE_V1, {}, &full), FRESHET_TOO_LARGE);
  EXPECT_EQ(crdt_->json(crdt_->self, doc_, &full), FRESHET_TOO_LARGE);
  const freshet_bytes one = to_c(Bytes(kAb));
  EXPECT_EQ(crdt_->merge(crdt_->self, FRESHET_UPDATE_V1, &one, 1, &full), FRESHET_TOO_LARGE);
  EXPECT_EQ(crdt_->squash(crdt_->self, FRESHET_UPDATE_V1, &one, 1, &full), FRESHET_TOO_LARGE);
  EXPECT_EQ(crdt_->reencode(crdt_->self, FRESHET_UPDATE_V1, one, &full), FRESHET_TOO_LARGE);
}

TEST_F(Table, EditsByAListOfOperationsAndSaysWhatThatChanged) {
  const auto edit = [&](const std::string& list, Buffer& out) {
    return crdt_->edit(crdt_->self, doc_, 7, to_c(as_bytes(list)), VectorSink(out).c());
  };
  const std::string list = Edits()
                               .insert_text(edit::text("t"), 0, "ab")
                               .set(edit::map("m"), "k", edit::json("[1]"))
                               .json();
  Buffer update, nothing;
  ASSERT_EQ(edit(list, update), FRESHET_OK);
  EXPECT_EQ(json(), R"({"t":"ab","m":{"k":[1]}})");
  freshet_doc* other = std::exchange(doc_, crdt_->doc_create(crdt_->self));
  EXPECT_EQ(apply(update), FRESHET_OK);
  EXPECT_EQ(applied_.canonical, 1);
  EXPECT_EQ(applied_.author, 7u);
  EXPECT_EQ(json(), R"({"t":"ab","m":{"k":[1]}})");
  crdt_->doc_destroy(crdt_->self, std::exchange(doc_, other));

  size_t items = 0;
  const ItemSink counting([&](Bytes) { return ++items, Status::ok; });
  EXPECT_EQ(crdt_->edit(crdt_->self, doc_, 7, to_c(as_bytes("[]")), counting.c()), FRESHET_OK);
  EXPECT_EQ(items, 0u) << "an item for nothing";
  EXPECT_EQ(host_.log(), "");

  EXPECT_EQ(edit(Edits().remove_text(edit::text("t"), 1, 2).json(), nothing), FRESHET_MALFORMED);
  EXPECT_TRUE(nothing.empty());
  EXPECT_EQ(json(), R"({"t":"ab","m":{"k":[1]}})");
  logged_ = host_.log();
  EXPECT_NE(logged_.find("operation 0: beyond the end, which is at 2"), std::string::npos);
}

}  // namespace
}  // namespace freshet::crdt
