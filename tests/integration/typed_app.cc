// An app whose procedures have every kind of JSON Schema, for the tests of `freshet schema`.
#include "freshet/plugin.h"

namespace freshet {
namespace {

constexpr const char* kMessage = R"({
  "type": "object",
  "description": "What somebody says.",
  "properties": {
    "message": {"type": "string", "description": "Plain text.\nAt most */ 1000 letters."},
    "to": {"type": "array", "items": {"type": "integer"}}
  },
  "required": ["message"]
})";

constexpr const char* kEverything = R"({
  "type": "object",
  "properties": {
    "number": {"type": "number"}, "integer": {"type": "integer", "minimum": 1},
    "boolean": {"type": "boolean"}, "null": {"type": "null"}, "any": true, "never": false,
    "nullable": {"type": ["string", "null"]},
    "choice": {"enum": ["a", "b", 3, null, true]}, "constant": {"const": {"kind": "x", "n": [1]}},
    "list": {"type": "array", "items": {"type": ["string", "number"]}}, "things": {"type": "array"},
    "pair": {"type": "array", "items": [{"type": "string"}, {"type": "number"}],
             "additionalItems": false, "minItems": 2},
    "triple": {"prefixItems": [{"type": "string"}, {"type": "number"}], "minItems": 1,
               "items": {"type": "boolean"}},
    "either": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["id"]}]},
    "one": {"oneOf": [{"const": 1}, {"const": 2}]},
    "both": {"allOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]},
                       {"properties": {"b": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}]},
    "mixed": {"type": "object", "properties": {"a": {"type": "string"}},
              "oneOf": [{"required": ["x"]}, {"required": ["y"]}]},
    "lists": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
    "closed": {"type": "object", "additionalProperties": false},
    "open": {"type": "object", "additionalProperties": {"type": "number"}},
    "half-open": {"type": "object", "properties": {"a": {"type": "string"}},
                  "additionalProperties": {"type": ["string", "number"]}, "required": ["a"]},
    "object": {"type": "object"},
    "elsewhere": {"$ref": "https://example.com/other.json"}, "lost": {"$ref": "#/$defs/none"},
    "odd": {"type": "fraction"}, "not": {"not": {"type": "string"}}
  },
  "required": ["number", "more"]
})";

constexpr const char* kTree = R"({
  "$ref": "#/$defs/node",
  "$defs": {
    "node": {
      "type": "object", "description": "A folder.",
      "properties": {"name": {"$ref": "#/$defs/a~1name"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                     "whole": {"$ref": "#"}, "loop": {"$ref": "#/$defs/loop"}},
      "required": ["name", "children"]
    },
    "a/name": {"type": "string"},
    "loop": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/again"}]},
    "again": {"$ref": "#/$defs/loop"}
  }
})";

Status nothing(const Call&, Events&) { return Status::ok; }

class TypedApp final : public App {
 public:
  static constexpr About kAbout{
      .id = TYPED_APP_ID, .version = "1.0.0", .summary = "Procedures with all kinds of schemas."};
  static Result<std::unique_ptr<TypedApp>> create(Host) { return std::make_unique<TypedApp>(); }

  TypedApp() {
    router_.add("sendMessage").input(kMessage).output("message", kMessage).broadcast(nothing);
    router_.add("shout")
        .input(R"({"type": "string"})")
        .output(
            "message",
            R"({"type": "object", "properties": {"loud": {"const": true}}, "required": ["loud"]})")
        .output("message2", kMessage)
        .self(nothing);
    router_.add("everything").input(kEverything).sync(nothing);
    router_.add("tree").input(kTree).output("treeChanged", "{}").wants_document().self(nothing);
    router_.add("bare").self(nothing);
  }
  AppWants wants() override { return {}; }
  const Router* router() const override { return &router_; }

 private:
  Router router_;
};

}  // namespace
}  // namespace freshet

FRESHET_PLUGIN(freshet::TypedApp)
