// core/toml.h: toml++, which is to report what is malformed and never to assume that it is not.
//
// toml++ 3.3 takes a table's name that begins with a forbidden character ("[=") for impossible:
// debug builds stop there, release builds tell the optimizer that it cannot be. With its assertions
// defined away and NDEBUG unknown to it, its own error path runs.
#pragma once

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
