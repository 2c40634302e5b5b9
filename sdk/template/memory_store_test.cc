// SPDX-License-Identifier: MIT
#include "memory_store.h"

#include <freshet/testing/store_contract.h>

namespace freshet::testing {

// Every promise of a store, tried on this one. A store that keeps its data says
// Durability::reopens, and names the setting that takes a path: it is then opened again, too.
INSTANTIATE_TEST_SUITE_P(Memory, StoreContract,
                         ::testing::Values(store_of<MemoryStore>("memory", Durability::none)));

// What is this store's own.
TEST(MemoryStore, RefusesARoomOverItsBoundAndServesTheOthers) {
  FakeHost host(MemoryStore::kSettings);
  host.set("max_rooms", int64_t{1});
  MemoryStore store(host.host());
  const Bound<Store> bound(store, host.host());
  StoreCaller caller(bound.table());
  EXPECT_EQ(caller.append({{"a", epoch_of(1), 1, "x"}}), Status::ok);
  EXPECT_EQ(caller.append({{"a", epoch_of(1), 2, "x"}, {"b", epoch_of(1), 1, "x"}}), Status::limit);
  EXPECT_EQ(caller.append({{"a", epoch_of(1), 2, "x"}}), Status::ok);
  EXPECT_EQ(caller.put("b", epoch_of(1), "x"), Status::limit);
  EXPECT_EQ(host.metric("store_memory_rooms"), 1);
}

}  // namespace freshet::testing
