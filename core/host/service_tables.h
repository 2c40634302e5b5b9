// core/host/service_tables.h: what a table of each known service must have before the server calls
// it.
#pragma once

#include <string>
#include <string_view>

namespace freshet {

// Why `table` cannot serve as the service `id`, as a clause ("has no load"); empty if it can.
// Of services the core does not know it asks only that there is a table.
std::string table_fault(std::string_view id, const void* table);

// True for the ids of the services this server speaks.
bool known_service(std::string_view id);

// The plugin of this project that offers `id`, for suggestions; empty if there is none.
std::string_view usual_provider(std::string_view id);

}  // namespace freshet
