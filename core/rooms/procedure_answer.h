// core/rooms/procedure_answer.h: what a procedure answered, read. Without state.
#pragma once

#include <optional>
#include <string>

#include "core/loop/replies.h"
#include "freshet/result.h"

namespace freshet {

// What is wrong with an answer (freshet_call_item), for the log; empty: all of it may be done.
std::string flaw_of(const ReplyItems& items);

// All of its operations as one list; empty: there are none. Nothing if one of them is none.
std::optional<std::string> edits_of(const ReplyItems& items);

// What its caller is told if nothing came of it.
std::string words_for(const ReplyItems& items, Status status);

}  // namespace freshet
