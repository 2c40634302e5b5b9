#include "core/live/request.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace freshet {
namespace {

using Json = nlohmann::json;
using What = LookRequest::What;

constexpr std::array kWhats = {std::pair{"server", What::server}, std::pair{"rooms", What::rooms},
                               std::pair{"room", What::room}, std::pair{"logs", What::logs},
                               std::pair{"plugins", What::plugins}};
constexpr std::array kSorts = {
    std::pair{"bytes", RoomsQuery::Sort::bytes}, std::pair{"people", RoomsQuery::Sort::people},
    std::pair{"lag", RoomsQuery::Sort::lag}, std::pair{"unsaved", RoomsQuery::Sort::unsaved},
    std::pair{"name", RoomsQuery::Sort::name}};
constexpr std::array kLevels = {std::pair{"debug", FRESHET_DEBUG}, std::pair{"info", FRESHET_INFO},
                                std::pair{"warn", FRESHET_WARN}, std::pair{"error", FRESHET_ERROR}};

// Empty: it is not there, or no text.
std::string text_in(const Json& json, const char* key) {
  const auto it = json.find(key);
  return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
}

// False, with the reason: it is there, and none of these.
template <class Choices, class Value>
bool choose(const Json& json, const char* key, const Choices& choices, Value& out,
            std::string& why) {
  if (!json.contains(key)) return true;
  const std::string said = text_in(json, key);
  const auto* const it =
      std::ranges::find_if(choices, [&](const auto& each) { return said == each.first; });
  if (it != choices.end()) {
    out = it->second;
    return true;
  }
  why = std::string(key) + " is one of";
  for (const auto& each : choices) why += " " + std::string(each.first);
  return false;
}

template <class Choices, class Value>
std::string_view name_in(const Choices& choices, Value value) {
  const auto* const it =
      std::ranges::find_if(choices, [&](const auto& each) { return each.second == value; });
  return it == choices.end() ? "unknown" : it->first;
}

bool read_rooms(const Json& json, RoomsQuery& out, std::string& why) {
  if (!choose(json, "sort", kSorts, out.sort, why)) return false;
  out.search = text_in(json, "search").substr(0, kMaxSearchBytes);
  const auto limit = json.find("limit");
  if (limit == json.end()) return true;
  if (!limit->is_number_unsigned()) {
    why = "limit is a number";
    return false;
  }
  out.limit = std::clamp<size_t>(limit->get<size_t>(), 1, kMaxRankedRooms);
  return true;
}

}  // namespace

std::optional<LookRequest> read_look_request(std::string_view text, std::string& why) {
  const Json json = Json::parse(text, nullptr, false);
  LookRequest out;
  if (json.is_object() && json.contains("key")) {
    out.key = text_in(json, "key");
    return out;
  }
  out.watch = json.is_object() && json.contains("watch");
  if (!out.watch && !(json.is_object() && json.contains("unwatch"))) {
    why = "say {\"watch\": ...} or {\"unwatch\": ...}";
    return std::nullopt;
  }
  const char* verb = out.watch ? "watch" : "unwatch";
  out.what = What::key;
  if (!choose(json, verb, kWhats, out.what, why)) return std::nullopt;
  if (out.what == What::rooms && !read_rooms(json, out.rooms, why)) return std::nullopt;
  if (out.what == What::logs && !choose(json, "level", kLevels, out.level, why))
    return std::nullopt;
  out.room = text_in(json, "room");
  if (out.what == What::room && out.watch && out.room.empty()) {
    why = "room is missing: its name";
    return std::nullopt;
  }
  return out;
}

std::string_view sort_name(RoomsQuery::Sort sort) { return name_in(kSorts, sort); }
std::string_view level_name(freshet_level level) { return name_in(kLevels, level); }

}  // namespace freshet
