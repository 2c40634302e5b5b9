// plugins/app-webhook/dialect/first_state.h: what a backend answers, read where it lies: an answer
// may be as long as a document, and a tree of it would be several times that.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "freshet/result.h"

namespace freshet::webhook {

// The value of a member, as it is written; nothing if the text is no JSON object or has none of
// this name. The last of several counts, as JSON.parse has it.
std::optional<std::string_view> member_of(std::string_view object, std::string_view name);

// A value that is base64, decoded; Status::not_found for null and for nothing at all,
// Status::malformed for everything else.
Status read_storage(std::string_view value, std::string& state);

}  // namespace freshet::webhook
