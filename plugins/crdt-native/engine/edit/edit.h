// Local edits: where they go in a tree, and which items they make.
//
// Source: Yjs 13.6's AbstractType and YText, whose edits these are item by item; what one of them
// writes, the other would have written.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "freshet/crdt/content.h"
#include "freshet/result.h"
#include "tree/tree.h"

namespace freshet::crdt {

// A format in force or wanted. Values are JSON text, "null" for none.
struct Format {
  std::string key;
  std::string json;             // or more, see kept_value.h
  uint64_t source = kNoSource;  // which object of JavaScript it would be, see Tree::value_source
};

// Formats in the order in which they were set, as a Map of JavaScript.
class Formats {
 public:
  Formats() = default;
  explicit Formats(const Attributes& attributes);

  const Format* find(std::string_view key) const;
  void set(Format format);
  void erase(std::string_view key);
  // Sets it, or with the value null erases it.
  void turn(Format format);
  bool empty() const { return all_.empty(); }
  std::vector<Format>& all() { return all_; }
  const std::vector<Format>& all() const { return all_; }

 private:
  std::vector<Format> all_;
};

// REQUIRES for everything: the tree is held. Types are numbers of the tree.
class Edit {
 public:
  Edit(Tree& tree, uint32_t client) : tree_(tree), client_(client) {}

  // Lists: the children of arrays and XML. Status::not_found: the index is beyond the end.
  Status insert(uint32_t type, uint64_t index, const std::vector<Content>& contents);
  void push(uint32_t type, const std::vector<Content>& contents);
  Status remove(uint32_t type, uint64_t index, uint64_t count);

  // Maps, and attributes.
  void set(uint32_t type, std::string_view key, const Content& content);
  void erase(uint32_t type, std::string_view key);
  void clear(uint32_t type);

  // Text. Without attributes what is inserted is formatted as what is left of it.
  Status insert_text(uint32_t type, uint64_t index, std::string_view text,
                     const Attributes* attributes);
  Status insert_embed(uint32_t type, uint64_t index, const Content& embed,
                      const Attributes& attributes);
  Status remove_text(uint32_t type, uint64_t index, uint64_t count);
  Status format(uint32_t type, uint64_t index, uint64_t count, const Attributes& attributes);
  Status apply_delta(uint32_t type, const std::vector<DeltaStep>& delta);

  // Deletes formats that say nothing: in front of a text, and among the invisible items around one
  // of them, unless those are `cleaned` already (format_cleanup.h).
  void clean_text(uint32_t type);
  void clean_around(uint32_t item, std::unordered_set<uint32_t>& cleaned);

 private:
  // Between two items of a text, with the formats in force there.
  struct Cursor {
    uint32_t list = kNil;
    uint32_t left = kNil;
    uint32_t right = kNil;
    Formats formats;
  };

  // What an item is made of, and the type it begins.
  struct Piece {
    Kind kind = Kind::any;
    uint32_t len = 1;
    std::vector<uint8_t> bytes;
    const NewType* type = nullptr;
  };

  static Piece piece_of(const Content& content);
  Piece embed_of(const Content& content);
  static Piece text_of(std::string_view text);
  uint32_t put(Place place, const Piece& piece);
  void fill(uint32_t type, const NewType& from);
  void insert_behind(uint32_t list, uint32_t left, const std::vector<Content>& contents);
  // The item that ends behind the first `index` visible units, with a boundary made there.
  bool left_of(uint32_t list, uint64_t index, uint32_t& left);

  bool seek(uint32_t type, uint64_t index, Cursor& cursor);
  Cursor start_of(uint32_t type);
  void step(Cursor& cursor);
  Format format_at(uint32_t item) const;
  bool is_format(uint32_t item) const;
  bool is_content(uint32_t item) const;
  void put_format(Cursor& cursor, const Format& format);
  void skip_restated(Cursor& cursor, const Formats& wanted);
  Formats open_formats(Cursor& cursor, const Formats& wanted);
  void close_formats(Cursor& cursor, Formats& negated);
  void insert_at(Cursor& cursor, const Piece& piece, Formats wanted);
  void format_at(Cursor& cursor, uint64_t count, const Formats& wanted);
  void apply_format(Cursor& cursor, uint32_t item, const Formats& wanted, Formats& negated);
  void remove_at(Cursor& cursor, uint64_t count);
  void clean_gap(uint32_t start, uint32_t current, const Formats& before, Formats& formats);

  Tree& tree_;
  const uint32_t client_;
};

}  // namespace freshet::crdt
