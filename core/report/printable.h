// core/report/printable.h: text from outside, made fit for a terminal and a log of lines.
#pragma once

#include <string>
#include <string_view>

namespace freshet {

// Control characters become escapes ("\n", "\x1b"), and so does what is not UTF-8: whoever reads
// the result sees one line and no colours. A backslash stays as it is.
std::string printable(std::string_view text);

}  // namespace freshet
