// freshet/format/route.h: a setting that says at which path something is found: "/pluv",
// "/api/tokens".
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "freshet/settings.h"

namespace freshet {

inline constexpr size_t kMaxRouteBytes = 128;

// What is wrong with a route, as words behind it; empty if nothing is.
inline std::string_view flaw_of_route(std::string_view route) {
  if (!route.starts_with('/')) return "must begin with '/'";
  if (route.ends_with('/')) return "must not end with '/'";
  if (route.size() > kMaxRouteBytes) return "is longer than 128 bytes";
  if (route.find("//") != std::string_view::npos) return "has an empty part";
  const bool plain = std::all_of(route.begin(), route.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '?' && c != '#' && c != '%' && c != '\\';
  });
  return plain ? "" : "has a character that a path cannot show as it is";
}

enum class EmptyRoute { is_none, is_wrong };

// The route that a setting says.
inline std::string read_route(Given given, const char* key, Faults& faults,
                              EmptyRoute empty = EmptyRoute::is_wrong) {
  std::string route(given.text(key));
  if (route.empty() && empty == EmptyRoute::is_none) return route;
  const std::string_view flaw = flaw_of_route(route);
  if (!flaw.empty()) faults.add(key, "\"" + route + "\" " + std::string(flaw));
  return route;
}

}  // namespace freshet
