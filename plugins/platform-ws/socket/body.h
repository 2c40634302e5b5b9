// body.h: immutable bytes that many queues share.
#pragma once

#include <atomic>
#include <cstdint>
#include <new>

#include "freshet/abi/platform.h"

namespace freshet::ws {

// One allocation: this, then the bytes. The last reference frees it, on whatever thread that is.
struct SharedBody : freshet_body {
  std::atomic<uint32_t> references{1};

  // One reference, the caller's. Null when out of memory.
  static SharedBody* create(size_t size) {
    void* memory = ::operator new(sizeof(SharedBody) + size, std::nothrow);
    if (memory == nullptr) return nullptr;
    auto* body = new (memory) SharedBody;
    body->data = static_cast<uint8_t*>(memory) + sizeof(SharedBody);
    body->size = size;
    return body;
  }
  static void ref(freshet_body* body) {
    static_cast<SharedBody*>(body)->references.fetch_add(1, std::memory_order_relaxed);
  }
  static void unref(freshet_body* body) {
    auto* shared = static_cast<SharedBody*>(body);
    if (shared->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    shared->~SharedBody();
    ::operator delete(shared);
  }
};

}  // namespace freshet::ws
