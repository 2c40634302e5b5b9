// core/http/admin/admin_page.h: how the admin listener puts what it has to say.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "core/http/page.h"
#include "freshet/result.h"

namespace freshet::admin {

Page json_page(const nlohmann::json& json, uint16_t status = 200);
Page problem(uint16_t status, std::string_view what);
// What a failure of the store means. `missing`: what was not found.
Page problem(Status status, std::string_view missing = "room");

}  // namespace freshet::admin
