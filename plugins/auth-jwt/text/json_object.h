// json_object.h: JSON as tokens and key sets have it, read strictly.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace freshet::jwt {

// Nothing if the text is not one JSON object, is nested deeper than kMaxJsonDepth, or has a member
// twice at any depth: of two readers of `{"room":"a","room":"b"}` each might believe another.
std::optional<nlohmann::json> read_object(std::string_view text);

// The member, or null if there is none.
const nlohmann::json* member(const nlohmann::json& object, const std::string& name);

// The member if it is text; null if there is none or it is something else.
const std::string* text_member(const nlohmann::json& object, const std::string& name);

}  // namespace freshet::jwt
