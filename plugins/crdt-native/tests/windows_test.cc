// What a server does with many writers: all that one wrote in a window becomes one update, and
// these become one. Whoever reads windows holds the same document as who read each update.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "freshet/crdt/transaction.h"
#include "freshet/crdt/updates.h"
#include "invariants.h"
#include "random_operations.h"
#include "random_peer.h"

namespace freshet::crdt {
namespace {

struct Written {
  size_t writer;
  Buffer update;
};
using Window = std::vector<Written>;

constexpr uint64_t kClients[] = {77, 4'000'000'000, 1, (uint64_t{1} << 53) - 1};
constexpr size_t kWriters = std::size(kClients);

// Edits as an application makes them: bursts of letters, formats, lists, keys, XML, deletions.
class Author {
 public:
  Author(uint64_t client, uint32_t seed) : client_(client), random_(seed) {}

  Buffer edit() {
    Buffer update;
    Transaction edit(doc_, client_);
    switch (below(10)) {
      case 0: edit_list(edit, edit.root("l")); break;
      case 1: edit_map(edit); break;
      case 2: edit_xml(edit); break;
      default: edit_text(edit, edit.root("t")); break;
    }
    EXPECT_TRUE(edit.commit(update));
    return update;
  }
  void receive(const Buffer& update) { EXPECT_TRUE(doc_.apply(update)); }

 private:
  uint32_t below(uint64_t bound) { return static_cast<uint32_t>(random_() % bound); }

  void edit_text(Transaction& edit, SharedType text) {
    static const char* const kTexts[] = {"word", "ж", "😀", "x😀y", "\n", "漢字"};
    const auto length = static_cast<uint32_t>(edit.length(text));
    if (at_ > length || below(8) == 0) at_ = below(length + 1);
    switch (below(12)) {
      case 0: return (void)edit.insert(text, at_, kTexts[below(std::size(kTexts))], {{"b", true}});
      case 1: return (void)edit.insert(text, at_, kTexts[below(std::size(kTexts))]);
      case 2: return (void)edit.remove_text(text, at_, 1 + below(4));
      case 3: return (void)edit.format(text, at_, 1 + below(5), {{"b", below(2) == 0}});
      case 4: return (void)edit.insert_embed(text, at_, Value::object({{"image", "x"}}));
      case 5:  // the way back
        if (at_ > 0) (void)edit.remove_text(text, --at_, 1);
        return;
      default:
        (void)edit.insert(text, at_, std::string(1, static_cast<char>('a' + below(26))));
        ++at_;
    }
  }

  void edit_list(Transaction& edit, SharedType list) {
    const auto length = static_cast<uint32_t>(edit.length(list));
    switch (below(6)) {
      case 0: return (void)edit.remove(list, below(length + 1), 1 + below(3));
      case 1:
        return (void)edit.insert(list, below(length + 1),
                                 {Value(1), Value("two"), Value::undefined()});
      case 2: return (void)edit.push(list, {NewType{.kind = TypeKind::map}});
      case 3: return (void)edit.push(list, {Value::bytes(Buffer{1, 2})});
      default: return (void)edit.push(list, {Value(static_cast<int>(below(100)))});
    }
  }

  void edit_map(Transaction& edit) {
    const SharedType map = edit.root("m");
    const std::string key(1, static_cast<char>('a' + below(2)));
    switch (below(6)) {
      case 0: return (void)edit.erase(map, key);
      case 1: return (void)edit.set(map, key, NewType{.kind = TypeKind::text});
      case 2:
        if (const auto child = edit.child(map, key)) edit_text(edit, *child);
        return;
      default: return (void)edit.set(map, key, Value(static_cast<int>(below(100))));
    }
  }

  void edit_xml(Transaction& edit) {
    const SharedType root = edit.root("x");
    const auto length = static_cast<uint32_t>(edit.length(root));
    const auto child = edit.child(root, below(length + 1));
    if (!child || below(4) == 0) {
      NewType paragraph{.kind = TypeKind::xml_element, .name = "p"};
      paragraph.children.push_back(NewType{.kind = TypeKind::xml_text});
      return (void)edit.insert(root, length, {paragraph});
    }
    if (below(3) == 0) return (void)edit.set(*child, "class", Value("wide"));
    if (below(6) == 0) return (void)edit.remove(root, 0, 1);
    if (const auto text = edit.child(*child, 0)) edit_text(edit, *text);
  }

  uint64_t client_;
  std::mt19937 random_;
  Doc doc_;
  uint32_t at_ = 0;  // of the caret
};

// What a server heard of a few that edit and now and then hear of each other.
template <class Peer>
Window history(uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Peer> peers;
  for (size_t i = 0; i < kWriters; ++i) {
    peers.emplace_back(kClients[i], seed * 31 + static_cast<uint32_t>(i));
  }
  std::vector<size_t> seen(kWriters);
  Window all;
  for (uint32_t turn = 0; turn < 30 + seed % 50; ++turn) {
    const size_t who = random() % kWriters;
    for (; random() % 3 > 0 && seen[who] < all.size(); ++seen[who]) {
      if (all[seen[who]].writer != who) peers[who].receive(all[seen[who]].update);
    }
    for (uint32_t edits = 1 + static_cast<uint32_t>(random() % 6); edits > 0; --edits) {
      Buffer update = peers[who].edit();
      if (!update.empty()) all.push_back({who, std::move(update)});
    }
  }
  return all;
}

// Runs joined as far as they can be, so that documents can be compared by their bytes.
std::string canonical_state(const Doc& doc) {
  Doc fresh;
  EXPECT_TRUE(fresh.apply(state_of(doc)));
  return to_hex(state_of(fresh));
}

Buffer squashed(const std::vector<Buffer>& updates) {
  Buffer out;
  EXPECT_EQ(squash_updates(std::vector<Bytes>(updates.begin(), updates.end()), out), Status::ok);
  return out;
}

// What each writer wrote in it, as one update.
std::map<size_t, Buffer> by_writer(const Window& window) {
  std::map<size_t, std::vector<Buffer>> updates;
  for (const Written& one : window) updates[one.writer].push_back(one.update);
  std::map<size_t, Buffer> out;
  for (const auto& [writer, all] : updates) out[writer] = squashed(all);
  return out;
}

Buffer without(const std::map<size_t, Buffer>& parts, size_t writer) {
  std::vector<Buffer> others;
  for (const auto& [who, part] : parts) {
    if (who != writer) others.push_back(part);
  }
  return squashed(others);
}

// Who reads windows: all of each, kept garbage and all; and each writer, who gets what the others
// wrote and has its own.
struct Readers {
  Doc all;
  Doc keeping{{.collect_garbage = false}};
  Doc writers[kWriters];

  void take(const Window& window) {
    const std::map<size_t, Buffer> parts = by_writer(window);
    const Buffer whole = without(parts, kWriters);
    Buffer at_once;
    std::vector<Bytes> raw;
    size_t bytes = 0;
    for (const Written& one : window) {
      raw.push_back(one.update);
      bytes += one.update.size();
    }
    ASSERT_EQ(squash_updates(raw, at_once), Status::ok);
    ASSERT_EQ(to_hex(at_once), to_hex(whole)) << "in two steps and in one";
    ASSERT_LE(whole.size(), std::max<size_t>(bytes, 2));
    const Result<Applied> applied = all.apply(whole);
    ASSERT_TRUE(applied && applied->whole && applied->canonical) << to_hex(whole);
    ASSERT_TRUE(keeping.apply(whole));
    for (size_t i = 0; i < kWriters; ++i) {
      ASSERT_TRUE(writers[i].apply(without(parts, i)));
      if (!parts.contains(i)) continue;
      ASSERT_TRUE(writers[i].apply(parts.at(i)));
    }
    const Result<Applied> again = all.apply(whole);
    ASSERT_TRUE(again && again->whole && !again->changed && !again->contradicts);
  }
};

template <class Peer>
void read_in_windows(uint32_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  const Window updates = history<Peer>(seed);
  std::mt19937 random(seed);
  Doc one_by_one;
  Readers readers;
  for (size_t at = 0; at < updates.size();) {
    const size_t size = std::min<size_t>(1 + random() % 40, updates.size() - at);
    const Window window(updates.begin() + static_cast<ptrdiff_t>(at),
                        updates.begin() + static_cast<ptrdiff_t>(at + size));
    at += size;
    for (const Written& one : window) {
      const Result<Applied> applied = one_by_one.apply(one.update);
      ASSERT_TRUE(applied && applied->whole) << to_hex(one.update);
    }
    ASSERT_NO_FATAL_FAILURE(readers.take(window));
    const std::string expected = canonical_state(one_by_one);
    ASSERT_EQ(broken_invariant(readers.all), "");
    ASSERT_EQ(canonical_state(readers.all), expected);
    ASSERT_TRUE(shows_the_same(readers.keeping, one_by_one));
    for (const Doc& writer : readers.writers) ASSERT_EQ(canonical_state(writer), expected);
  }
}

class Windows : public testing::TestWithParam<uint32_t> {};

TEST_P(Windows, OfWhatApplicationsWriteReadAsTheirUpdatesDo) {
  for (uint32_t seed = GetParam() * 20; seed < (GetParam() + 1) * 20; ++seed) {
    ASSERT_NO_FATAL_FAILURE(read_in_windows<Author>(seed));
  }
}

TEST_P(Windows, OfWhatNobodyElseWritesReadAsTheirUpdatesDo) {
  for (uint32_t seed = GetParam() * 20; seed < (GetParam() + 1) * 20; ++seed) {
    ASSERT_NO_FATAL_FAILURE(read_in_windows<RandomPeer>(seed));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Windows, testing::Range(0u, 5u));

}  // namespace
}  // namespace freshet::crdt
