// The store of the examples, without the entry of its plugin.
#pragma once

#include <freshet/plugin.h>

#pragma push_macro("FRESHET_PLUGIN")
#undef FRESHET_PLUGIN
#define FRESHET_PLUGIN(Class)
#include "../../../../sdk/examples/store/my_store.cc"
#pragma pop_macro("FRESHET_PLUGIN")

using WholeStore = MyStore;
