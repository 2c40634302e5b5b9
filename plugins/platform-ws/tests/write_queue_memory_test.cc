// What a queue says it holds is what it holds. A program of its own: it counts all that is
// allocated.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <new>
#include <string>

#include "platform-ws/limits.h"
#include "platform-ws/socket/write_queue.h"

namespace {

size_t allocated_bytes = 0;

void forget(void* memory) {
  allocated_bytes -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

// All of them: a sanitizer has its own of those that are left out, and minds who frees what.
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  void* memory = std::malloc(size == 0 ? 1 : size);
  allocated_bytes += malloc_usable_size(memory);
  return memory;
}
void* operator new(size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void* operator new[](size_t size) { return operator new(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return operator new(size, std::nothrow);
}
void operator delete(void* memory) noexcept { forget(memory); }
void operator delete(void* memory, size_t) noexcept { forget(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { forget(memory); }
void operator delete[](void* memory) noexcept { forget(memory); }
void operator delete[](void* memory, size_t) noexcept { forget(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { forget(memory); }

namespace freshet::ws::testing {
namespace {

const std::string kHeader(2, 'h'), kUpdate(25, 'u');

// Of memory that the queue holds against what it says.
double share_said(const WriteQueue& queue, size_t before) {
  return static_cast<double>(allocated_bytes - before) / static_cast<double>(queue.memory_bytes());
}

TEST(WriteQueueMemory, OfSmallMessagesIsLittleMoreThanTheirBytesAndIsWhatTheQueueSays) {
  for (const size_t messages : {100u, 1'000u, 10'000u, 300'000u}) {
    const size_t before = allocated_bytes;
    WriteQueue queue;
    for (size_t i = 0; i < messages; ++i) queue.push(as_bytes(kHeader), as_bytes(kUpdate), nullptr);
    EXPECT_LE(share_said(queue, before), 1.3) << messages;
    if (messages > 100) {
      EXPECT_LE(queue.memory_bytes(), queue.bytes() * 13 / 10) << messages;
    }
    EXPECT_GE(queue.memory_bytes(), queue.bytes());
  }
}

TEST(WriteQueueMemory, IsGivenBackAsMessagesLeave) {
  const size_t before = allocated_bytes;
  WriteQueue queue;
  for (int i = 0; i < 300'000; ++i) queue.push(as_bytes(kHeader), as_bytes(kUpdate), nullptr);
  while (queue.bytes() > 1'000'000) {
    queue.consume(100'000);
    EXPECT_LE(share_said(queue, before), 1.3);
    EXPECT_LE(queue.memory_bytes(), queue.bytes() * 13 / 10);
  }
  queue.consume(queue.bytes());
  EXPECT_EQ(queue.memory_bytes(), 0u);
  EXPECT_LE(allocated_bytes - before, 1'024u);
}

TEST(WriteQueueMemory, IsGivenBackWhenAQueueIsCutShort) {
  const size_t before = allocated_bytes;
  WriteQueue queue;
  for (int i = 0; i < 300'000; ++i) queue.push(as_bytes(kHeader), as_bytes(kUpdate), nullptr);
  queue.consume(40);
  queue.drop_unstarted();
  EXPECT_EQ(queue.bytes(), 2 * 27 - 40u);
  EXPECT_LE(allocated_bytes - before, 20'000u);
}

TEST(WriteQueueMemory, OfASharedBodyIsCountedAsFarAsItHasNotLeft) {
  freshet_body* body = SharedBody::create(1 << 20);
  WriteQueue queue;
  queue.push(as_bytes(kHeader), {}, body);
  EXPECT_NEAR(static_cast<double>(queue.memory_bytes()), 1 << 20, 1'024);
  queue.consume(1 << 19);
  EXPECT_NEAR(static_cast<double>(queue.memory_bytes()), 1 << 19, 1'024);
  SharedBody::unref(body);
}

}  // namespace
}  // namespace freshet::ws::testing
