// What a document is when memory runs out in the middle of anything: as before, or torn and known
// to be. Each allocation of each call fails once.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#include "freshet/crdt/doc.h"
#include "freshet/crdt/transaction.h"
#include "freshet/crdt/updates.h"

namespace {

size_t allocations_left = SIZE_MAX;  // until one fails, once

}  // namespace

// All of them: a sanitizer has its own of those that are left out, and minds who frees what.
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  if (allocations_left != SIZE_MAX && allocations_left-- == 0) {
    allocations_left = SIZE_MAX;
    return nullptr;
  }
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new(size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void* operator new[](size_t size) { return operator new(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return operator new(size, std::nothrow);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace freshet::crdt {
namespace {

using Buffer = std::vector<uint8_t>;

// False: the nth allocation of `f` failed, and what it threw came out.
template <class F>
bool with_failure_at(size_t n, F f) {
  bool done = true;
  try {
    allocations_left = n;
    f();
  } catch (const std::bad_alloc&) {
    done = false;
  }
  // A destructor may have met the failure and dealt with it.
  done = done && allocations_left != SIZE_MAX;
  allocations_left = SIZE_MAX;
  return done;
}

Buffer state_of(const Doc& doc) {
  Buffer state;
  EXPECT_EQ(doc.diff({}, state), Status::ok);
  return state;
}

template <class Edit>
void edit(Doc& doc, uint64_t client, std::vector<Buffer>& log, Edit edit) {
  Transaction transaction(doc, client);
  edit(transaction);
  Buffer update;
  ASSERT_TRUE(transaction.commit(update));
  log.push_back(update);
}

// Texts, maps and nested types of two who do not hear of one another, deletions, and one update
// that comes before what it depends on.
std::vector<Buffer> history() {
  std::vector<Buffer> log;
  Doc ann, bob;
  for (uint64_t i = 0; i < 40; ++i) {
    Doc& doc = i % 2 == 0 ? ann : bob;
    edit(doc, 1 + i % 2, log, [&](Transaction& t) {
      const SharedType text = t.root("text");
      EXPECT_EQ(t.insert(text, 0, "some words " + std::to_string(i)), Status::ok);
      EXPECT_EQ(t.remove_text(text, 2, 5), Status::ok);
      EXPECT_EQ(t.set(t.root("map"), "key" + std::to_string(i), Value(std::string(200, 'v'))),
                Status::ok);
    });
  }
  std::swap(log[10], log[14]);
  Buffer whole = state_of(bob);
  log.push_back(whole);
  return log;
}

TEST(Memory, ThatRunsOutInAnUpdateLeavesItOutOrTearsTheDocument) {
  const std::vector<Buffer> log = history();
  size_t unchanged = 0, torn = 0;
  for (size_t k = 0; k < log.size(); ++k) {
    Doc before;
    for (size_t i = 0; i < k; ++i) ASSERT_TRUE(before.apply(log[i]));
    const Buffer state = state_of(before);
    ASSERT_TRUE(before.apply(log[k]));
    const Buffer after = state_of(before);
    for (size_t n = 0;; ++n) {
      Doc doc;
      for (size_t i = 0; i < k; ++i) ASSERT_TRUE(doc.apply(log[i]));
      if (with_failure_at(n, [&] { static_cast<void>(doc.apply(log[k])); })) break;
      if (doc.torn()) {
        ++torn;
        EXPECT_EQ(doc.apply(log[k]).status(), Status::internal);
        EXPECT_EQ(doc.load(log[k]).status(), Status::internal);
        continue;
      }
      ++unchanged;
      ASSERT_TRUE(state_of(doc) == state) << "update " << k << ", allocation " << n;
      ASSERT_TRUE(doc.apply(log[k]));
      ASSERT_TRUE(state_of(doc) == after) << "update " << k << ", allocation " << n;
    }
  }
  EXPECT_GT(unchanged, 0u);
  EXPECT_GT(torn, 0u);
}

TEST(Memory, ThatRunsOutInAnEncodingHarmsNothing) {
  const std::vector<Buffer> log = history();
  Doc whole;
  for (const Buffer& update : log) ASSERT_TRUE(whole.apply(update));
  const Buffer expected = state_of(whole);
  Buffer vector;
  whole.state_vector(vector);
  std::string text;
  whole.json(text);
  for (size_t n = 0;; ++n) {
    Doc doc;
    for (const Buffer& update : log) ASSERT_TRUE(doc.apply(update));
    const bool done = with_failure_at(n, [&] {
      Buffer out;
      static_cast<void>(doc.diff({}, out));
      doc.state_vector(out);
      std::string json;
      doc.json(json);
    });
    ASSERT_FALSE(doc.torn());
    ASSERT_TRUE(state_of(doc) == expected) << "allocation " << n;
    Buffer again;
    doc.state_vector(again);
    ASSERT_TRUE(again == vector);
    std::string json;
    doc.json(json);
    ASSERT_TRUE(json == text);
    if (done) break;
  }
}

TEST(Memory, ThatRunsOutInAMergeAddsNothingToWhatWasThere) {
  const std::vector<Buffer> log = history();
  const std::vector<Bytes> views(log.begin(), log.end());
  Buffer expected;
  ASSERT_EQ(merge_updates(views, expected), Status::ok);
  for (size_t n = 0;; n += 7) {
    Buffer out;
    if (with_failure_at(n, [&] { static_cast<void>(merge_updates(views, out)); })) break;
    Buffer again;
    ASSERT_EQ(merge_updates(views, again), Status::ok);
    ASSERT_TRUE(again == expected);
  }
}

TEST(Memory, ThatRunsOutInASquashAddsNothingToWhatWasThere) {
  std::vector<Buffer> log = history();
  log.pop_back();
  for (const bool careless : {false, true}) {
    if (careless) log.back().push_back(0);  // behind its end, so that it is written anew
    const std::vector<Bytes> views(log.begin(), log.end());
    Buffer expected = {1, 2, 3};
    ASSERT_EQ(squash_updates(views, expected), Status::ok);
    for (size_t n = 0;; ++n) {
      Buffer out = {1, 2, 3};
      if (with_failure_at(n, [&] { static_cast<void>(squash_updates(views, out)); })) break;
      ASSERT_TRUE((out == Buffer{1, 2, 3})) << "allocation " << n;
      ASSERT_EQ(squash_updates(views, out), Status::ok);
      ASSERT_TRUE(out == expected);
    }
  }
}

// Without anybody who catches it there: the transaction itself knows.
TEST(Memory, ThatRunsOutInAnEditTearsTheDocumentOrHarmsNothing) {
  size_t torn = 0;
  for (size_t n = 0;; ++n) {
    Doc doc;
    std::vector<Buffer> log;
    edit(doc, 1, log,
         [](Transaction& t) { EXPECT_EQ(t.insert(t.root("text"), 0, "before"), Status::ok); });
    const bool done = with_failure_at(n, [&] {
      Transaction transaction(doc, 2);
      const SharedType text = transaction.root("text");
      static_cast<void>(transaction.insert(text, 3, "middle", {{"bold", true}}));
      static_cast<void>(transaction.remove_text(text, 1, 4));
      Buffer update;
      static_cast<void>(transaction.commit(update));
    });
    if (done) break;
    if (doc.torn()) {
      ++torn;
      EXPECT_EQ(doc.apply(log[0]).status(), Status::internal);
    } else {
      Doc again;
      ASSERT_TRUE(again.apply(state_of(doc)));
      EXPECT_EQ(state_of(again), state_of(doc));
    }
  }
  EXPECT_GT(torn, 0u);
}

TEST(Memory, ThatRunsOutWhenAnEditBeginsOrEndsIsKnown) {
  for (size_t n = 0;; ++n) {
    Doc doc;
    std::vector<Buffer> log;
    edit(doc, 1, log,
         [](Transaction& t) { EXPECT_EQ(t.insert(t.root("text"), 0, "before"), Status::ok); });
    const Buffer state = state_of(doc);
    bool began = false;
    const bool done = with_failure_at(n, [&] {
      Transaction transaction(doc, 2);
      began = true;
      static_cast<void>(transaction.insert(transaction.root("text"), 3, "middle"));
      Buffer update;
      static_cast<void>(transaction.commit(update));
    });
    if (done) break;
    // Who catches it there says so.
    if (began) doc.tear();
    if (doc.torn()) {
      EXPECT_EQ(doc.apply(state).status(), Status::internal);
    } else {
      EXPECT_TRUE(state_of(doc) == state);
    }
  }
}

}  // namespace
}  // namespace freshet::crdt
