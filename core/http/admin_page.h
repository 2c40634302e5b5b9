// core/http/admin_page.h: how the admin listener puts what it has to say.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/http/front.h"
#include "freshet/result.h"

namespace freshet::admin {

// Sends the page from whatever shard the work ended on.
using Respond = std::function<void(Page)>;

Page json_page(const nlohmann::json& json, uint16_t status = 200);
Page problem(uint16_t status, std::string_view what);
// What a failure of the store means. `missing`: what was not found.
Page problem(Status status, std::string_view missing = "room");

}  // namespace freshet::admin
