// authors.h: the Yjs client ids of one room, and what they write.
//
// Writers have ids in a row, so an id is a number of a writer at once; after them stands the author
// of the document that was there at the start. A writer's edit is one item of text behind its own
// last one: what a person types at the end of a paragraph of their own. Edit n of a writer takes
// the clocks [n × edit_bytes, (n + 1) × edit_bytes), so who sees a clock knows the edit.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::load {

struct Authors {
  uint64_t first_id;        // of writer 0; five bytes as a varuint, like those of real clients
  uint32_t writers;         // the document's author is number `writers`
  uint32_t edit_bytes;      // of text, one clock each
  uint64_t document_bytes;  // 0: none

  uint64_t id(uint32_t author) const { return first_id + author; }
  std::optional<uint32_t> number(uint64_t client) const {
    if (client < first_id || client > first_id + writers) return std::nullopt;
    return static_cast<uint32_t>(client - first_id);
  }
};

// Edits [from, to) of a writer.
struct Edits {
  uint32_t writer;
  uint64_t from, to;
};

// Appends the update (format v1) that is these edits, each writer's as one item, as servers join
// them. REQUIRES: no writer twice, none of no edits; Yjs has the greatest writer first.
void write_edits(const Authors& authors, std::span<const Edits> edits, std::vector<uint8_t>& out);
// Appends the update that is edit `n` of a writer.
void write_edit(const Authors& authors, uint32_t writer, uint64_t n, std::vector<uint8_t>& out);

// Appends the document at the start: one item, since engines join what one author typed anyway.
void write_document(const Authors& authors, std::vector<uint8_t>& out);

}  // namespace freshet::load
