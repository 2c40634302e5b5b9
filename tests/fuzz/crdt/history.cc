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

// What was taken, and where in it those are that may be squashed.
struct Taken {
  std::vector<Bytes> updates;
  std::vector<bool> whole;
};

// Applies what it takes, and says which that was.
Taken apply_all(const History& history, Doc& doc) {
  Taken taken;
  Buffer before = state_of(doc);
  for (const Buffer& update : history) {
    const auto applied = doc.apply(update);
    require(freshet::crdt::broken_structure(doc).empty());
    Buffer after = state_of(doc);
    if (applied) {
      taken.updates.emplace_back(update);
      taken.whole.push_back(applied->whole);
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

// Windows of updates that a server squashes before it passes them on, and where it cannot, passes
// them on as they came. Whatever was taken and squashed can be taken by a peer.
void check_windows(const Taken& taken, const Doc& doc) {
  static constexpr size_t kMostInWindow = 7;
  std::vector<Bytes> window;
  std::vector<Buffer> sent;
  const auto flush = [&] {
    Buffer squashed;
    const Status status = freshet::crdt::squash_updates(window, squashed);
    require(status == Status::ok || (status == Status::unsupported && squashed.empty()));
    if (status == Status::ok) {
      const auto applied = Doc().apply(squashed);
      require(applied && applied->canonical);
      sent.push_back(squashed);
    } else {
      for (const Bytes update : window) sent.emplace_back(update.begin(), update.end());
    }
    window.clear();
  };
  for (size_t i = 0; i < taken.updates.size(); ++i) {
    if (!taken.whole[i]) flush();
    window.push_back(taken.updates[i]);
    if (!taken.whole[i] || window.size() == kMostInWindow) flush();
  }
  flush();
  check_peer(Doc(), std::vector<Bytes>(sent.begin(), sent.end()), doc);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const History history = freshet::fuzz::read_history({data, size});
  Doc doc;
  const Taken all = apply_all(history, doc);
  const std::vector<Bytes>& taken = all.updates;
  const Buffer state = state_of(doc);
  Buffer merged;
  require(freshet::crdt::merge_updates(taken, merged) == Status::ok);
  check_peer(Doc(), std::array{Bytes(state)}, doc);
  check_peer(Doc(), std::array{Bytes(merged)}, doc);
  check_diffs(taken, doc, merged);
  check_windows(all, doc);
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
