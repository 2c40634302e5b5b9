// freshet/crdt/doc.h: a document that merges, speaking the Yjs update format.
// Updates are in version 1 where nothing else is said; updates.h converts.
//
// A Doc holds text, lists, maps and XML that many replicas edit at once. It takes in updates in any
// order and any number of times; replicas that have seen the same updates hold the same document,
// as Yjs 13.6 would. What arrives before what it depends on is parked and comes in by itself later.
//
// One thread at a time, const functions included (encodings are cached). No clock, no randomness,
// no I/O, no exceptions other than std::bad_alloc. Bytes passed in are borrowed for the call.
// After std::bad_alloc a document is as before, unless it is torn().
//
// Algorithm: YATA (Nicolaescu, Jahns, Derntl, Klamma 2016) in the variant of Yjs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/crdt/applied.h"
#include "freshet/result.h"

namespace freshet::crdt {

struct Stats {
  size_t memory_bytes;       // held by the document, allocator slack aside
  size_t items;              // runs of content and their tombstones
  size_t clients;            // that ever edited or were referred to
  size_t pending_structs;    // parked
  size_t pending_bytes;      // parked, kParkedOverheadBytes for each included
  bool pending_deletes;      // deletions of content that has not come
  uint64_t scan_steps;       // of conflict scans, ever
  uint64_t last_scan_steps;  // of the last update: an attack shows here first
};

// How a root type is to be read; roots carry no kind on the wire.
enum class Shape { infer, text, array, map, xml_fragment, xml_element, xml_text };

struct Options {
  // Deleted content is dropped at once, as Yjs does by default. Snapshots need it off.
  bool collect_garbage = true;
};

class Replica;  // the engine's own

class Doc {
 public:
  explicit Doc(Options options = {});
  ~Doc();
  Doc(Doc&&) noexcept;
  Doc& operator=(Doc&&) noexcept;

  // Decodes and checks the whole update, then integrates what it can.
  // Status::malformed: breaks a rule of the format. Status::too_large: over a limit on one update.
  // Status::limit: the document is full (limits.h). On failure nothing has changed.
  // Cost: linear in the update; concurrent inserts at one place cost a search among themselves.
  // While a Transaction is open: Status::conflict.
  Result<Applied> apply(Bytes update);
  // Also appends what it did as an update of its own, parked structs that came in included; nothing
  // if it did nothing. Costs somewhat more.
  Result<Applied> apply(Bytes update, std::vector<uint8_t>& changes);

  // As apply, for what was let in before: a snapshot of a document may well be larger than an
  // update that a peer may send. Checked as strictly; only the limits on one update do not apply.
  Result<Applied> load(Bytes update);

  // As apply and load, for updates in format v2.
  Result<Applied> apply_v2(Bytes update);
  Result<Applied> load_v2(Bytes update);

  // Appends the state vector: which clocks of which clients are here, parked ones not included.
  void state_vector(std::vector<uint8_t>& out) const;

  // Appends an update with all that a peer at `state_vector` lacks, all deletions and all that is
  // parked. An empty `state_vector` asks for the whole document. Status::malformed: not one.
  // Cost: the size of the answer; unchanged parts of the document are copied from a cache.
  Status diff(Bytes state_vector, std::vector<uint8_t>& out) const;
  // The same in update format v2. Smaller, but written anew each time.
  Status diff_v2(Bytes state_vector, std::vector<uint8_t>& out) const;

  // Appends the JSON text of one root, or of an object of all roots in order of first mention.
  // Text without formats, XML as its markup, as toJSON() of Yjs; a root never mentioned is empty.
  void json(std::string_view root, Shape shape, std::string& out) const;
  void json(std::string& out) const;

  // Appends the document as a tree of its types and values, the first `limit` of them, as a JSON
  // object: "roots", and "more": how many there are besides. For people, who look into it.
  void outline(size_t limit, std::string& out) const;

  // Appends the strings of a root, formats and embeds left out: toString() of a Y.Text.
  void text(std::string_view root, std::string& out) const;

  Stats stats() const;

  // Memory ran out in the middle of a change, and the document holds a part of it. It takes no
  // update any more (Status::internal), and what it says of itself means nothing.
  bool torn() const;
  // What std::bad_alloc out of a Transaction leaves is to be torn by who catches it.
  void tear();

 private:
  friend struct Internals;  // the engine's own

  std::unique_ptr<Replica> replica_;
};

}  // namespace freshet::crdt
