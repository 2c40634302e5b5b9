// plugins/crdt-native/operation.h: a list of operations on a document, as JSON has it;
// docs/edits.md is the table of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "freshet/crdt/content.h"
#include "freshet/result.h"

namespace freshet::crdt {

using Step = std::variant<uint64_t, std::string>;  // an index, or a key

struct Operation {
  enum class What {
    insert_text,
    embed,
    remove_text,
    format,
    delta,
    insert,
    push,
    remove,
    set,
    erase,
    clear,
  };

  What what = What::insert_text;
  std::string root;
  TypeKind kind = TypeKind::text;  // of the root
  std::vector<Step> path = {};     // from there

  uint64_t index = 0;
  uint64_t count = 0;
  std::string key = {};
  std::string text = {};
  std::optional<Attributes> attributes = {};
  std::vector<Content> contents = {};  // embed, set: one
  std::vector<DeltaStep> delta = {};
};

// Whether XML may have it among its children.
bool is_xml_node(const Content& content);

// Which operation of a list is wrong, counted from 0, and how; for a person.
struct Refusal {
  std::optional<size_t> operation;  // none: the list itself
  std::string why;

  std::string text() const;
};

// Status::malformed, Status::too_large: `why` says what is wrong. What needs a look at the document
// is not looked at.
Result<std::vector<Operation>> read_operations(std::string_view json, Refusal& why);

}  // namespace freshet::crdt
