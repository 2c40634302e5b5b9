// freshet/crdt/authorship.h: who wrote what.
//
// Every unit of content has an id that never changes: the client that wrote it and its clock. A
// document can be asked both ways: whose units a type shows, and what a client wrote in a range of
// clocks. What else is known of an edit (the user behind a client, the time) is its host's to keep,
// by client and range of clocks.
//
// Units are UTF-16 code units of text and elements elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/crdt/doc.h"

namespace freshet::crdt {

// Units that one client wrote one after the other.
struct UnitRange {
  uint64_t client = 0;
  uint32_t clock = 0;  // of the first
  uint32_t length = 0;
};

// A stretch of what a type shows.
struct Authored {
  UnitRange by;
  uint64_t index = 0;  // of the first unit in the type; 0 for the value of a key
  bool keyed = false;
  std::string key = {};
};

// What a root shows: its text or elements in order, then the values of its keys, in no order. As
// long stretches as there can be. A nested type or an embed is one unit, whose id leads into it.
// Cost: the items of that type, those of deleted content included.
std::vector<Authored> authors(const Doc& doc, std::string_view root);
// The same of the nested type whose unit has that id; nothing if there is none.
std::vector<Authored> authors(const Doc& doc, uint64_t client, uint32_t clock);

enum class WrittenKind : uint8_t {
  text,
  value,   // an element of a list, the value of a key; bytes, too
  embed,   // a value in a text
  format,  // the begin or the end of one; takes a clock, shows no unit
  type,
  subdocument,
  dropped,  // deleted, and what it was is not kept any more
};

// What one client wrote, and what became of it.
struct Written {
  UnitRange by;
  WrittenKind kind = WrittenKind::dropped;
  bool deleted = false;
  std::string text = {};  // UTF-8; of a text, deleted or not
  // Where it is: in a root, in the nested type whose unit has the id, or in neither any more, if
  // what held it is gone.
  enum class Place : uint8_t { nowhere, root, nested } place = Place::nowhere;
  std::string root = {};
  uint64_t holder_client = 0;
  uint32_t holder_clock = 0;
  bool keyed = false;
  std::string key = {};
};

// What `client` wrote in the clocks [from, to), in order of clocks; what the document does not have
// yet is left out. Cost: a search, and what is in there.
std::vector<Written> written(const Doc& doc, uint64_t client, uint32_t from, uint32_t to);

}  // namespace freshet::crdt
