// A script: what authors do to a document, in no engine's words (script.mjs has the format).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "trace.h"

namespace freshet::bench {

struct Step {
  enum class Do : uint8_t {
    author = 'a',
    insert = 'i',
    remove = 'd',
    list_number = 'n',
    list_string = 'l',
    set_number = 'k',
    set_string = 'm',
    meet = 's',
  };
  Do what = Do::meet;
  uint32_t at = 0;     // a place, or the author's number
  uint64_t value = 0;  // a number, how many to remove, or the author's id
  std::string_view key;
  std::string_view text;
  uint64_t units = 0;  // of the text, as UTF-16
};

// The steps of a script; their texts are in `trace`. Ends the program if it is none.
std::vector<Step> steps_of(const Trace& trace);

}  // namespace freshet::bench
