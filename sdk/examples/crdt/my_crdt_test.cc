// Whoever has the same updates has the same document, through the C table, as a server calls it.
#include <freshet/crdt.h>
#include <freshet/format/codec.h>
#include <freshet/testing/created_plugin.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

// Of the plugin, with which this program is linked.
extern "C" const freshet_plugin* freshet_plugin_entry(void);

namespace freshet::testing {
namespace {

// An update of one line.
std::string line(uint64_t client, uint64_t clock, std::string_view text) {
  std::vector<uint8_t> out;
  Writer to(out);
  to.varuint(1);
  to.varuint(client);
  to.varuint(clock);
  to.string(text);
  return std::string(as_text(out));
}

class MyCrdt : public ::testing::Test {
 protected:
  const CreatedPlugin plugin_{*freshet_plugin_entry()};
  const freshet_crdt* crdt_ = plugin_.service<freshet_crdt>(FRESHET_CRDT_ID);
};

class Doc {
 public:
  explicit Doc(const freshet_crdt* crdt) : crdt_(crdt), doc_(crdt->doc_create(crdt->self)) {}
  ~Doc() { crdt_->doc_destroy(crdt_->self, doc_); }
  Doc(const Doc&) = delete;
  Doc& operator=(const Doc&) = delete;

  Status apply(std::string_view update) {
    applied = {};
    applied.size = sizeof(applied);
    return Status{
        crdt_->apply(crdt_->self, doc_, FRESHET_UPDATE_V1, to_c(as_bytes(update)), &applied)};
  }
  std::string state_vector() const {
    return item(
        [&](const freshet_sink* out) { return crdt_->state_vector(crdt_->self, doc_, out); });
  }
  std::string diff(std::string_view vector) const {
    return item([&](const freshet_sink* out) {
      return crdt_->diff(crdt_->self, doc_, FRESHET_UPDATE_V1, to_c(as_bytes(vector)), out);
    });
  }
  std::string json() const {
    return item([&](const freshet_sink* out) { return crdt_->json(crdt_->self, doc_, out); });
  }
  template <class F>
  static std::string item(F&& call) {
    std::vector<uint8_t> out;
    EXPECT_EQ(call(VectorSink(out).c()), FRESHET_OK);
    return std::string(as_text(out));
  }

  freshet_applied applied{};

 private:
  const freshet_crdt* crdt_;
  freshet_doc* doc_;
};

TEST_F(MyCrdt, HasTheSameDocumentInWhateverOrderItsUpdatesCame) {
  std::vector<std::string> updates;
  for (uint64_t client = 1; client <= 3; ++client) {
    for (uint64_t clock = 0; clock < 5; ++clock) {
      updates.push_back(line(client, clock, std::to_string(client) + "." + std::to_string(clock)));
    }
  }
  Doc first(crdt_);
  for (const std::string& update : updates) ASSERT_EQ(first.apply(update), Status::ok);
  std::mt19937 random(17);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(updates.begin(), updates.end(), random);
    Doc other(crdt_);
    for (const std::string& update : updates) ASSERT_EQ(other.apply(update), Status::ok);
    EXPECT_EQ(other.json(), first.json()) << "round " << round;
    EXPECT_EQ(other.diff(""), first.diff(""));
    EXPECT_EQ(other.state_vector(), first.state_vector());
  }
}

TEST_F(MyCrdt, TellsAPeerWhatItLacks) {
  Doc ann(crdt_), bob(crdt_);
  ASSERT_EQ(ann.apply(line(1, 0, "a")), Status::ok);
  ASSERT_EQ(bob.apply(line(2, 0, "b")), Status::ok);
  ASSERT_EQ(bob.apply(ann.diff(bob.state_vector())), Status::ok);
  ASSERT_EQ(ann.apply(bob.diff(ann.state_vector())), Status::ok);
  EXPECT_EQ(ann.json(), R"({"lines":["a","b"]})");
  EXPECT_EQ(bob.json(), ann.json());
  EXPECT_EQ(ann.diff(bob.state_vector()), std::string(1, '\0'));
}

TEST_F(MyCrdt, WaitsForWhatIsMissing) {
  Doc doc(crdt_);
  ASSERT_EQ(doc.apply(line(1, 1, "second")), Status::ok);
  EXPECT_EQ(doc.applied.changed, 1);
  EXPECT_EQ(doc.applied.whole, 0);
  EXPECT_EQ(doc.json(), R"({"lines":[]})");
  ASSERT_EQ(doc.apply(line(1, 0, "first")), Status::ok);
  EXPECT_EQ(doc.applied.whole, 1);
  EXPECT_EQ(doc.json(), R"({"lines":["first","second"]})");
}

TEST_F(MyCrdt, TakesWhatItHasForNoChangeAndAnotherTextForAContradiction) {
  Doc doc(crdt_);
  ASSERT_EQ(doc.apply(line(1, 0, "a")), Status::ok);
  ASSERT_EQ(doc.apply(line(1, 0, "a")), Status::ok);
  EXPECT_EQ(doc.applied.changed, 0);
  EXPECT_EQ(doc.applied.contradicts, 0);
  ASSERT_EQ(doc.apply(line(1, 0, "b")), Status::ok);
  EXPECT_EQ(doc.applied.contradicts, 1);
  EXPECT_EQ(doc.applied.twin, 1u);
  EXPECT_EQ(doc.json(), R"({"lines":["a"]})");
}

TEST_F(MyCrdt, RefusesWhatDoesNotDecodeAndIsAsBefore) {
  Doc doc(crdt_);
  ASSERT_EQ(doc.apply(line(1, 0, "a")), Status::ok);
  const std::string good = line(1, 1, "b");
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_EQ(doc.apply(good.substr(0, length)), Status::malformed) << length;
  }
  EXPECT_EQ(doc.apply(good + "x"), Status::malformed);
  EXPECT_EQ(doc.apply(line(1, 1, "\xff")), Status::malformed);
  EXPECT_EQ(doc.json(), R"({"lines":["a"]})");
}

TEST_F(MyCrdt, MergesWithoutADocument) {
  const std::string a = line(1, 0, "a"), b = line(2, 0, "b");
  const freshet_bytes updates[] = {to_c(as_bytes(b)), to_c(as_bytes(a)), to_c(as_bytes(b))};
  Doc doc(crdt_);
  ASSERT_EQ(doc.apply(Doc::item([&](const freshet_sink* out) {
    return crdt_->merge(crdt_->self, FRESHET_UPDATE_V1, updates, 3, out);
  })),
            Status::ok);
  EXPECT_EQ(doc.json(), R"({"lines":["a","b"]})");
}

}  // namespace
}  // namespace freshet::testing
