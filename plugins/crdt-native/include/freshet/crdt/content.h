// freshet/crdt/content.h: what can be put into a document.
//
// Plain values, any thread. A Value keeps itself in wire form, so that putting it into a document
// is a copy of bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/result.h"

namespace freshet::crdt {

// What JavaScript calls a value: null, a number, a string, an array of values ...
class Value {
 public:
  Value() : Value(nullptr) {}
  Value(std::nullptr_t);
  Value(bool value);
  Value(int value) : Value(static_cast<double>(value)) {}
  Value(double value);
  // REQUIRES: UTF-8; every other byte sequence becomes the empty string.
  Value(std::string_view text);
  Value(const char* text) : Value(std::string_view(text)) {}
  Value(const std::string& text) : Value(std::string_view(text)) {}

  static Value undefined();
  static Value integer64(int64_t value);  // a BigInt
  static Value bytes(Bytes value);        // a Uint8Array
  static Value array(const std::vector<Value>& elements);
  // In JavaScript's order: keys that are array indices first, ascending. Of entries with one key
  // the last counts.
  static Value object(const std::vector<std::pair<std::string, Value>>& entries);

  // From lib0's encoding of an Any. Status::malformed: not one, or nested too deep (limits.h).
  static Result<Value> from_any(Bytes any);
  Bytes any() const { return any_; }

  // What JSON.stringify makes of it; "null" for undefined.
  std::string json() const;

 private:
  explicit Value(std::vector<uint8_t> any) : any_(std::move(any)) {}

  std::vector<uint8_t> any_;
};

// Formats of text, or attributes: names and values. The value null ends a format.
using Attributes = std::vector<std::pair<std::string, Value>>;

enum class TypeKind : uint8_t { array, map, text, xml_element, xml_fragment, xml_hook, xml_text };

// Another document, known here by its name only.
struct NewSubdocument {
  std::string guid;
  bool collect_garbage = true;
  bool auto_load = false;
  Value meta;  // null: none
};

struct NewType;

// An element of a list or the value of a key: a value, a new type, or another document.
class Content {
 public:
  Content(Value value);
  Content(NewType type);
  Content(NewSubdocument document);
  ~Content();
  Content(const Content& other);
  Content(Content&&) noexcept;
  Content& operator=(Content other) noexcept;

  // Whichever it is; the others are null. Owned by this.
  const Value* value() const;
  const NewType* type() const { return type_.get(); }
  const NewSubdocument* subdocument() const;

 private:
  std::variant<Value, NewSubdocument> plain_;  // unless there is a type
  std::unique_ptr<NewType> type_;
};

// One step of a change to a text, as Quill has it. Exactly one of insert, retain, remove is set.
struct DeltaStep {
  std::optional<std::string> insert;
  std::vector<Content> embed;  // at most one: inserted instead of a string
  uint32_t retain = 0;         // UTF-16 code units, as below
  uint32_t remove = 0;
  Attributes attributes;
};

// A shared type that is not in a document yet, with what it begins with.
struct NewType {
  TypeKind kind = TypeKind::map;
  std::string name = {};               // of the node or hook
  std::vector<Content> children = {};  // of an array, XML element or XML fragment
  std::vector<std::pair<std::string, Content>> entries = {};  // of a map or hook; XML attributes
  std::vector<DeltaStep> delta = {};                          // of a text
};

}  // namespace freshet::crdt
