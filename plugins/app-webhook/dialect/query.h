// plugins/app-webhook/dialect/query.h: the parameters of a request's target.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace freshet::webhook {

using Fields = std::map<std::string, std::string>;

// As URLSearchParams reads them; the last of one name counts.
Fields query_of(std::string_view target);

}  // namespace freshet::webhook
