#include "freshet/format/edits.h"

#include <gtest/gtest.h>

#include <string>

namespace freshet::edit {
namespace {

// docs/edits.md has both.
TEST(Edits, OfThePageAreTheJsonBesideThem) {
  freshet::Edits edits;
  edits.set(edit::map("task"), "done", edit::json("true"))
      .insert_text(edit::text("notes"), 0, "Hello", {{"bold", "true"}})
      .push(edit::array("log").at(0).at("entries"), {edit::new_map({{"by", edit::string("ann")}})});
  std::string page = R"(
[
  {"op": "set", "root": "task", "kind": "map", "key": "done", "content": {"value": true}},
  {"op": "insert_text", "root": "notes", "kind": "text", "index": 0, "text": "Hello", "attributes": {"bold": true}},
  {"op": "push", "root": "log", "kind": "array", "path": [0, "entries"],
   "contents": [{"map": {"by": {"value": "ann"}}}]}
]
)";
  std::erase_if(page, [](char letter) { return letter == ' ' || letter == '\n'; });
  EXPECT_EQ(edits.json(), page);
}

TEST(Edits, AreAnEmptyListAtFirst) {
  EXPECT_TRUE(Edits().empty());
  EXPECT_EQ(Edits().json(), "[]");
}

TEST(Edits, AreWrittenInTheirOrder) {
  Edits edits;
  edits.erase(map("m"), "k").clear(map("m"));
  EXPECT_FALSE(edits.empty());
  EXPECT_EQ(edits.json(), R"([{"op":"erase","root":"m","kind":"map","key":"k"},)"
                          R"({"op":"clear","root":"m","kind":"map"}])");
}

TEST(Edits, NameWhatTheyAreOnByARootAndAPath) {
  const Edits::Target deep = array("a \"b\"").at(0).at("k").at(12);
  EXPECT_EQ(Edits().push(deep, {}).json(),
            R"([{"op":"push","root":"a \"b\"","kind":"array","path":[0,"k",12],"contents":[]}])");
  for (const auto& [target, kind] :
       {std::pair{text("r"), "text"}, std::pair{xml_fragment("r"), "xml_fragment"},
        std::pair{xml_element("r"), "xml_element"}, std::pair{xml_text("r"), "xml_text"}}) {
    EXPECT_EQ(target.json(), R"("root":"r","kind":")" + std::string(kind) + '"');
  }
}

TEST(Edits, OfTextHaveIndicesAndFormats) {
  const auto t = text("t");
  const auto without_target = [](std::string json) {
    const std::string target = R"("root":"t","kind":"text",)";
    return json.erase(json.find(target), target.size());
  };
  EXPECT_EQ(without_target(Edits().insert_text(t, 3, "a\n\"").json()),
            "[{\"op\":\"insert_text\",\"index\":3,\"text\":\"a\\u000a\\\"\"}]");
  EXPECT_EQ(without_target(Edits().insert_text(t, 0, "a", {{"b", "true"}}).json()),
            R"([{"op":"insert_text","index":0,"text":"a","attributes":{"b":true}}])");
  EXPECT_EQ(without_target(Edits().embed(t, 1, json(R"({"image":"u"})")).json()),
            R"([{"op":"embed","index":1,"content":{"value":{"image":"u"}},"attributes":{}}])");
  EXPECT_EQ(without_target(Edits().remove_text(t, 1, 2).json()),
            R"([{"op":"remove_text","index":1,"count":2}])");
  EXPECT_EQ(without_target(Edits().format(t, 1, 2, {{"b", "null"}, {"e", "1"}}).json()),
            R"([{"op":"format","index":1,"count":2,"attributes":{"b":null,"e":1}}])");
  Delta delta;
  delta.retain(2, {{"b", "1"}}).insert("x").insert(new_map()).remove(4);
  EXPECT_EQ(without_target(Edits().apply(t, delta).json()),
            R"([{"op":"delta","delta":[{"retain":2,"attributes":{"b":1}},{"insert":"x"},)"
            R"({"insert":{"map":{}}},{"delete":4}]}])");
}

TEST(Edits, PutValuesAndNewTypes) {
  const std::vector<Edits::Content> contents = {
      json("1"),
      string("s\""),
      new_text("t"),
      new_text(Delta().insert("d")),
      new_array({json("null")}),
      new_map({{"k", string("v")}, {"l", new_array()}}),
      new_xml_element("p", {{"class", "\"a\""}}, {new_xml_text("x")})};
  EXPECT_EQ(Edits().insert(array("a"), 2, contents).json(),
            R"([{"op":"insert","root":"a","kind":"array","index":2,"contents":[)"
            R"({"value":1},{"value":"s\""},{"text":"t"},{"text":[{"insert":"d"}]},)"
            R"({"array":[{"value":null}]},{"map":{"k":{"value":"v"},"l":{"array":[]}}},)"
            R"({"xml_element":"p","attributes":{"class":"a"},"children":[{"xml_text":"x"}]}]}])");
  EXPECT_EQ(Edits().set(map("m"), "k", json("1")).json(),
            R"([{"op":"set","root":"m","kind":"map","key":"k","content":{"value":1}}])");
  EXPECT_EQ(Edits().remove(array("a"), 0, 1).json(),
            R"([{"op":"remove","root":"a","kind":"array","index":0,"count":1}])");
}

}  // namespace
}  // namespace freshet::edit
