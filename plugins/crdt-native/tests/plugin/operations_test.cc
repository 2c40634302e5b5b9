// Lists of operations against what Yjs does when it is told the same
// (tools/fixtures/operations.mjs), and lists that must do nothing.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "crdt-native/edit_list.h"
#include "crdt-native/limits.h"
#include "fixtures.h"
#include "freshet/format/edits.h"
#include "invariants.h"
#include "random_operations.h"

namespace freshet::crdt {
namespace {

using Json = nlohmann::ordered_json;

Buffer from_base64(const std::string& text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Buffer out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, text.find('='))) {
    bits = bits << 6 | static_cast<uint32_t>(kAlphabet.find(c));
    if ((count += 6) >= 8) out.push_back(static_cast<uint8_t>(bits >> (count -= 8)));
  }
  return out;
}

Json recorded() {
  const char* folder = std::getenv("FRESHET_CRDT_FIXTURES");
  std::ifstream in(std::string(folder == nullptr ? "." : folder) + "/operations.json");
  return Json::parse(in);
}

Status edit(Doc& doc, const std::string& operations, Buffer& update, Refusal& why,
            uint64_t client = 7) {
  return edit_by_list(doc, client, operations, update, why);
}

// A document with something of everything in it.
constexpr char kBefore[] = R"([
  {"op": "insert_text", "root": "t", "kind": "text", "index": 0, "text": "hello \ud83d\ude00"},
  {"op": "push", "root": "a", "kind": "array",
   "contents": [{"value": 1}, {"map": {"k": {"value": 1}}}, {"text": "in"}]},
  {"op": "set", "root": "m", "kind": "map", "key": "list", "content": {"array": [{"value": 0}]}},
  {"op": "set", "root": "m", "kind": "map", "key": "n", "content": {"value": 5}},
  {"op": "push", "root": "x", "kind": "xml_fragment",
   "contents": [{"xml_element": "p", "children": [{"xml_text": "one"}]}]}
])";

class Operations : public ::testing::Test {
 protected:
  Operations() {
    Buffer update;
    Refusal why;
    EXPECT_EQ(edit(doc_, kBefore, update, why, 1), Status::ok) << why.text();
  }

  // Refused with these words, and the document is what it was to the byte.
  void expect_refused(const std::string& list, const std::string& words,
                      Status status = Status::malformed) {
    const Buffer state = state_of(doc_), vector = state_vector_of(doc_);
    const std::string json = json_of(doc_);
    const Stats stats = doc_.stats();
    Buffer update;
    Refusal why;
    EXPECT_EQ(edit(doc_, list, update, why, 123), status) << list.substr(0, 200);
    EXPECT_EQ(why.text(), words) << list.substr(0, 200);
    EXPECT_TRUE(update.empty());
    EXPECT_EQ(state_of(doc_), state);
    EXPECT_EQ(state_vector_of(doc_), vector);
    EXPECT_EQ(json_of(doc_), json);
    EXPECT_EQ(doc_.stats().clients, stats.clients) << "the client is remembered";
    EXPECT_EQ(doc_.stats().items, stats.items);
    EXPECT_EQ(broken_invariant(doc_), "");
  }

  Doc doc_;
};

TEST(OperationsOfYjs, AreDoneAsYjsDoesThem) {
  const Json cases = recorded();
  ASSERT_GT(cases.size(), 80u);
  for (const Json& one : cases) {
    SCOPED_TRACE(one["name"].get<std::string>());
    Doc doc;
    const Buffer before = from_base64(one["before"]);
    if (!before.empty()) {
      ASSERT_TRUE(doc.load(before));
    }
    Buffer update;
    Refusal why;
    ASSERT_EQ(edit(doc, one["operations"].dump(), update, why, one["client"]), Status::ok)
        << why.text();
    EXPECT_EQ(why.text(), "");
    EXPECT_EQ(to_hex(update), to_hex(from_base64(one["update"])));
    EXPECT_EQ(to_hex(state_of(doc)), to_hex(from_base64(one["after"])));
    EXPECT_EQ(broken_invariant(doc), "");
  }
}

struct Wrong {
  const char* operation;  // without braces
  const char* words;
};

TEST_F(Operations, AreRefusedForWhatTheyAreNot) {
  constexpr Wrong kWrong[] = {
      {R"("root":"m","kind":"map")", "has no op"},
      {R"("op":7)", "op is no string"},
      {R"("op":"jump")", "there is no such op"},
      {R"("op":"clear","kind":"map")", "has no root"},
      {R"("op":"clear","root":"m")", "has no kind, which is that of the root"},
      {R"("op":"clear","root":"m","kind":"list")", "there is no such kind"},
      {R"("op":"clear","root":"m","kind":"map","key":"k")", "this op has no field key"},
      {R"("op":"erase","root":"m","kind":"map")", "a field is missing"},
      {R"("op":"erase","root":"m","kind":"map","key":1)", "key is no string"},
      {R"("op":"insert_text","root":"t","kind":"text","index":-1,"text":"")",
       "index is no whole number in range"},
      {R"("op":"insert_text","root":"t","kind":"text","index":1.5,"text":"")",
       "index is no whole number in range"},
      {R"("op":"remove_text","root":"t","kind":"text","index":0,"count":4294967296)",
       "count is no whole number in range"},
      {R"("op":"push","root":"a","kind":"array","contents":{})", "contents is no array"},
      {R"("op":"push","root":"a","kind":"array","contents":[1])",
       "something else stands where an object belongs"},
      {R"("op":"push","root":"a","kind":"array","contents":[{}])",
       "a content is neither a value nor a type"},
      {R"("op":"push","root":"a","kind":"array","contents":[{"value":1,"map":{}}])",
       "a content is two things at once"},
      {R"("op":"push","root":"a","kind":"array","contents":[{"array":[],"map":{}}])",
       "a content is two things at once"},
      {R"("op":"push","root":"a","kind":"array","contents":[{"list":[]}])",
       "there is no such content"},
      {R"("op":"push","root":"a","kind":"array","contents":[{"map":{},"children":[]}])",
       "only an xml_element has attributes and children"},
      {R"("op":"push","root":"a","kind":"array","contents":[{"value":1e400}])",
       "a number is too large"},
      {R"("op":"push","root":"a","kind":"array","contents":[{"text":[{"retain":1}]}])",
       "in a new text there is nothing but insert"},
      {R"("op":"push","root":"a","kind":"array",
          "contents":[{"xml_element":"p","children":[{"value":1}]}])",
       "XML takes only xml_element and xml_text"},
      {R"("op":"embed","root":"t","kind":"text","index":0,"content":{"value":"text"})",
       "what is embedded is neither an object nor a type"},
      {R"("op":"delta","root":"t","kind":"text","delta":[{"retain":1,"delete":1}])",
       "a step of a delta is one of insert, retain, delete"},
      {R"("op":"delta","root":"t","kind":"text","delta":[{"delete":1,"attributes":{"b":1}}])",
       "a deletion has no attributes"},
  };
  for (const auto& [operation, words] : kWrong) {
    expect_refused("[{" + std::string(operation) + "}]", "operation 0: " + std::string(words));
  }
  for (const char* list : {"", "[", "{}", "[{}]]", "nothing", "[\"\xff\"]"}) {
    Buffer update;
    Refusal why;
    EXPECT_EQ(edit(doc_, list, update, why), Status::malformed) << list;
  }
}

TEST_F(Operations, AreRefusedForWhatTheDocumentIsNot) {
  constexpr Wrong kWrong[] = {
      {R"("op":"insert_text","root":"t","kind":"text","index":9,"text":"x")",
       "beyond the end, which is at 8"},
      {R"("op":"remove_text","root":"t","kind":"text","index":7,"count":2)",
       "beyond the end, which is at 8"},
      {R"("op":"format","root":"t","kind":"text","index":9,"count":0,"attributes":{})",
       "beyond the end, which is at 8"},
      {R"("op":"delta","root":"t","kind":"text","delta":[{"insert":"ab"},{"retain":7},{"delete":2}])",
       "beyond the end, which is at 10"},
      {R"("op":"insert","root":"a","kind":"array","index":4,"contents":[])",
       "beyond the end, which is at 3"},
      {R"("op":"remove","root":"a","kind":"array","index":2,"count":2)",
       "beyond the end, which is at 3"},
      {R"("op":"insert_text","root":"a","kind":"array","index":0,"text":"x")",
       "the path does not lead to a text"},
      {R"("op":"set","root":"a","kind":"array","key":"k","content":{"value":1})",
       "the path does not lead to a map, nor to what has attributes"},
      {R"("op":"push","root":"m","kind":"map","contents":[])",
       "the path does not lead to an array or to XML with children"},
      {R"("op":"push","root":"t","kind":"array","contents":[])", "the root is of another kind"},
      {R"("op":"clear","root":"a","kind":"map")", "the root is of another kind"},
      {R"("op":"insert_text","root":"x","kind":"text","index":0,"text":"x")",
       "the root is of another kind"},
      {R"("op":"push","root":"m","kind":"xml_fragment","contents":[])",
       "the root is of another kind"},
      {R"("op":"clear","root":"m","kind":"map","path":["none"])",
       "there is no shared type at the end of the path"},
      {R"("op":"clear","root":"m","kind":"map","path":["n"])",
       "there is no shared type at the end of the path"},
      {R"("op":"clear","root":"a","kind":"array","path":[0])",
       "there is no shared type at the end of the path"},
      {R"("op":"clear","root":"a","kind":"array","path":[3])",
       "the path goes beyond the end of a list"},
      {R"("op":"clear","root":"a","kind":"array","path":["k"])",
       "the path has a key where there is a list"},
      {R"("op":"clear","root":"m","kind":"map","path":[0])",
       "the path has an index where there is no list"},
      {R"("op":"push","root":"x","kind":"xml_fragment","contents":[{"map":{}}])",
       "XML takes only xml_element and xml_text"},
  };
  for (const auto& [operation, words] : kWrong) {
    expect_refused("[{" + std::string(operation) + "}]", "operation 0: " + std::string(words));
  }
}

// Each is good but for what the ones before it made of the document.
TEST_F(Operations, AreRefusedAllForOneThatIsWrongWhenItsTurnComes) {
  using namespace edit;
  const Target t = text("t"), a = array("a"), m = map("m");
  const std::pair<Edits, const char*> wrong[] = {
      {Edits().insert_text(t, 0, "new").remove_text(t, 0, 9).remove_text(t, 0, 3),
       "operation 2: beyond the end, which is at 2"},
      {Edits().remove(a, 1, 1).clear(a.at(2)),
       "operation 1: the path goes beyond the end of a list"},
      {Edits().push(a, {edit::json("1")}).clear(a.at(3)),
       "operation 1: there is no shared type at the end of the path"},
      {Edits().set(m, "list", edit::json("1")).push(m.at("list"), {}),
       "operation 1: there is no shared type at the end of the path"},
      {Edits().erase(m, "list").push(m.at("list"), {}),
       "operation 1: there is no shared type at the end of the path"},
      {Edits().clear(m).push(m.at("list"), {}),
       "operation 1: there is no shared type at the end of the path"},
      {Edits().set(map("new"), "k", edit::json("1")).push(array("new"), {}),
       "operation 1: the root is of another kind in an operation before"},
      {Edits().push(array("new"), {new_array()}).push(array("new").at(0).at(uint64_t{0}), {}),
       "operation 1: the path goes beyond the end of a list"},
  };
  for (const auto& [list, words] : wrong) expect_refused(list.json(), words);
}

TEST_F(Operations, KeepTheirBounds) {
  const std::string clear = R"({"op":"clear","root":"m","kind":"map"})";
  std::string most = "[" + clear;
  for (size_t i = 1; i < kMaxOperations; ++i) most += "," + clear;
  Buffer update;
  Refusal why;
  Doc copy;
  EXPECT_EQ(edit(copy, most + "]", update, why), Status::ok) << why.text();
  expect_refused(most + "," + clear + "]", "more than 4096 operations", Status::too_large);
  expect_refused(std::string(kMaxOperationsBytes + 1, ' '), "more than a MiB", Status::too_large);

  const auto nested = [](size_t depth) {
    return R"([{"op":"set","root":"m","kind":"map","key":"k","content":{"value":)" +
           std::string(depth, '[') + std::string(depth, ']') + "}}]";
  };
  EXPECT_EQ(edit(copy, nested(kMaxOperationDepth - 3), update, why), Status::ok) << why.text();
  expect_refused(nested(kMaxOperationDepth - 2), "no JSON, or nested too deep");

  edit::Target far = edit::map("m");
  for (size_t i = 0; i < kMaxPathSteps; ++i) far = far.at("k");
  expect_refused(Edits().clear(far).json(),
                 "operation 0: there is no shared type at the end of the path");
  expect_refused(Edits().clear(far.at("k")).json(), "operation 0: the path is too long");
  edit::Attributes formats;
  for (size_t i = 0; i < kMaxFormats; ++i) formats.emplace_back(std::to_string(i), "1");
  EXPECT_EQ(edit(copy, Edits().insert_text(edit::text("t"), 0, "x", formats).json(), update, why),
            Status::ok);
  formats.emplace_back("more", "1");
  expect_refused(Edits().insert_text(edit::text("t"), 0, "x", formats).json(),
                 "operation 0: more than 64 attributes");
  const std::string key(65537, 'k');
  expect_refused(Edits().erase(edit::map("m"), key).json(), "operation 0: a key is too long");
  expect_refused(Edits().clear(edit::map(std::string(4097, 'r'))).json(),
                 "operation 0: the root's name is too long");
}

TEST_F(Operations, OfAClientThatCannotBeAreRefused) {
  Buffer update;
  Refusal why;
  EXPECT_EQ(edit(doc_, "[]", update, why, uint64_t{1} << 53), Status::malformed);
  EXPECT_EQ(why.text(), "the client's id is 2^53 or more");
}

TEST_F(Operations, ThatDoNothingMakeNoUpdate) {
  const Buffer state = state_of(doc_);
  Buffer update;
  Refusal why;
  const std::string list =
      Edits().erase(edit::map("m"), "none").remove(edit::array("a"), 1, 0).json();
  EXPECT_EQ(edit(doc_, "[]", update, why), Status::ok);
  EXPECT_EQ(edit(doc_, list, update, why), Status::ok) << why.text();
  EXPECT_TRUE(update.empty());
  EXPECT_EQ(state_of(doc_), state);
}

// What takes all of a list at once decides as if it came one by one, and does the same.
TEST(RandomOperations, AreGoodAndDoneTogetherAsTheyAreOneByOne) {
  size_t good = 0, refused = 0;
  for (uint32_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE(seed);
    RandomOperations chance(seed);
    Doc together, one_by_one, told;
    for (Doc* doc : {&together, &one_by_one, &told}) {
      Buffer update;
      Refusal why;
      ASSERT_EQ(edit(*doc, kBefore, update, why, 1), Status::ok);
    }
    for (int lists = 0; lists < 6; ++lists) {
      std::vector<std::string> operations = chance.list();
      Outcome outcome = compare(operations, together, one_by_one, told);
      ASSERT_EQ(outcome.fault, "") << joined(operations);
      if (outcome.status != Status::ok) {
        ++refused;
        operations.resize(outcome.good);  // the document is to grow
        outcome = compare(operations, together, one_by_one, told);
        ASSERT_EQ(outcome.fault, "") << joined(operations);
      }
      ASSERT_EQ(outcome.status, Status::ok) << joined(operations);
      good += operations.size();
    }
    ASSERT_EQ(broken_invariant(together), "");
  }
  // The generator goes wrong often enough, and not too often.
  EXPECT_GT(good, 3000u);
  EXPECT_GT(refused, 3000u);
}

}  // namespace
}  // namespace freshet::crdt
