// SPDX-License-Identifier: MIT
//
// The one symbol the server looks for.
#include "memory_store.h"

FRESHET_PLUGIN(MemoryStore)
