// plugins/crdt-native/outline.h: a document as operations would make it, as far as it takes to say
// of each whether it is good: lengths, kinds, and where shared types are.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crdt-native/operation.h"
#include "freshet/crdt/transaction.h"

namespace freshet::crdt {

// Looks into the document of the transaction, and changes nothing there. REQUIRES: nobody else does
// while this lives.
//
// Cost: of an operation, its path and contents, and for a list those of its changes that are apart
// from each other; never the document.
class Outline {
 public:
  explicit Outline(Transaction& edit) : edit_(edit) {}

  // Takes it in. False, with the reason in `why`: it cannot be done, and the outline is of no
  // further use.
  bool take(const Operation& operation, std::string& why);

  // That the document has not had.
  size_t new_roots() const { return new_roots_; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  // What an element of a list or a key holds: a type of this outline, or something else.
  using Held = uint32_t;  // a node, or kNone

  // Elements in a row: of the document's list from `begin`, or new ones.
  struct Run {
    uint64_t begin = 0;
    uint64_t count = 0;
    bool fresh = false;  // then `begin` is an index into fresh_
  };

  struct Node {
    TypeKind kind = TypeKind::map;
    std::optional<SharedType> real;         // in the document; none: it is new
    uint64_t length = 0;                    // units of a text, elements of a list
    std::vector<Run> runs = {};             // of a list
    std::map<std::string, Held> keys = {};  // set or erased since
    bool cleared = false;                   // what the document has under other keys is gone
  };

  uint32_t find(const Operation& operation);
  uint32_t root(const Operation& operation);
  uint32_t child(uint32_t parent, const Step& step);
  uint32_t at_index(const Node& parent, uint64_t index);
  uint32_t at_key(const Node& parent, const std::string& key);
  uint32_t node_of(Result<SharedType> found);
  uint32_t add(TypeKind kind, std::optional<SharedType> real);
  uint32_t add_new(const NewType& type);

  bool apply(const Operation& operation, Node& node);
  bool change_text(const Operation& operation, Node& text);
  bool change_by(const std::vector<DeltaStep>& delta, Node& text);
  bool change_list(const Operation& operation, Node& list);
  bool change_keys(const Operation& operation, Node& node);
  bool within(const Node& node, uint64_t index, uint64_t count);
  size_t cut(Node& list, uint64_t index);
  void insert(Node& list, uint64_t index, const std::vector<Content>& contents);
  void remove(Node& list, uint64_t index, uint64_t count);
  Held hold(const Content& content);
  uint32_t fail(std::string why);

  Transaction& edit_;
  std::deque<Node> nodes_;  // they stay where they are
  std::map<std::string, uint32_t> roots_;
  std::map<SharedType, uint32_t> known_;
  std::vector<Held> fresh_;
  size_t new_roots_ = 0;
  std::string why_;
};

}  // namespace freshet::crdt
