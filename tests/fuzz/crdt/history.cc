// Histories of the real Yjs, changed struct by struct: whatever they name, the document stays whole
// after every update, refuses without a trace, and can be written, loaded and merged.
#include <array>
#include <cstring>
#include <random>
#include <span>

#include "freshet/crdt/doc.h"
#include "freshet/crdt/updates.h"
#include "history_input.h"
#include "invariants.h"
#include "require.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

using freshet::Bytes;
using freshet::Status;
using freshet::crdt::Doc;
using freshet::fuzz::Buffer;
using freshet::fuzz::History;
using freshet::fuzz::require;

Buffer state_of(const Doc& doc) {
  Buffer state;
  require(doc.diff({}, state) == Status::ok);
  return state;
}

Buffer state_vector_of(const Doc& doc) {
  Buffer out;
  doc.state_vector(out);
  return out;
}

// Applies what it takes, and says which that was.
std::vector<Bytes> apply_all(const History& history, Doc& doc) {
  std::vector<Bytes> taken;
  Buffer before = state_of(doc);
  for (const Buffer& update : history) {
    const auto applied = doc.apply(update);
    require(freshet::crdt::broken_structure(doc).empty());
    Buffer after = state_of(doc);
    if (applied) {
      taken.push_back(update);
      require(applied->changed || after == before);
    } else {
      require(after == before);
    }
    before = std::move(after);
  }
  require(freshet::crdt::broken_invariant(doc).empty());
  return taken;
}

// A peer that gets to know `updates` is whole, and knows as much as `doc`. Not more than that is
// claimed: what forged references do to the order of a list depends on the order of arrival, as it
// does in Yjs.
void check_peer(Doc peer, std::span<const Bytes> updates, const Doc& doc) {
  for (const Bytes update : updates) require(peer.load(update).status() == Status::ok);
  require(freshet::crdt::broken_invariant(peer).empty());
  require(state_vector_of(peer) == state_vector_of(doc));
}

// What a peer that saw the first half lacks, by both ways to say so.
void check_diffs(std::span<const Bytes> taken, const Doc& doc, Bytes merged) {
  for (const bool of_bytes : {false, true}) {
    Doc half;
    for (const Bytes update : taken.first(taken.size() / 2)) {
      require(half.apply(update).status() == Status::ok);
    }
    const Buffer known = state_vector_of(half);
    Buffer lacking;
    require((of_bytes ? freshet::crdt::diff_update(merged, known, lacking)
                      : doc.diff(known, lacking)) == Status::ok);
    check_peer(std::move(half), std::array{Bytes(lacking)}, doc);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const History history = freshet::fuzz::read_history({data, size});
  Doc doc;
  const std::vector<Bytes> taken = apply_all(history, doc);
  const Buffer state = state_of(doc);
  Buffer merged;
  require(freshet::crdt::merge_updates(taken, merged) == Status::ok);
  check_peer(Doc(), std::array{Bytes(state)}, doc);
  check_peer(Doc(), std::array{Bytes(merged)}, doc);
  check_diffs(taken, doc, merged);
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  std::mt19937 random(seed);
  if (random() % 4 == 0) return LLVMFuzzerMutate(data, size, max_size);
  History history = freshet::fuzz::read_history({data, size});
  for (size_t i = 1 + random() % 3; i > 0; --i) freshet::fuzz::mutate(history, random);
  const Buffer out = freshet::fuzz::write_history(history);
  if (out.size() > max_size) return size;
  if (!out.empty()) std::memcpy(data, out.data(), out.size());
  return out.size();
}
