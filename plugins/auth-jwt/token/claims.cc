#include "auth-jwt/token/claims.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "auth-jwt/limits.h"
#include "auth-jwt/text/json_object.h"
#include "auth-jwt/token/room_pattern.h"

namespace freshet::jwt {
namespace {

using nlohmann::json;

// A claim's time as unix milliseconds. False: it is there, but is no time.
bool read_time(const json& claims, const char* name, std::optional<int64_t>& ms) {
  const json* value = member(claims, name);
  if (value == nullptr) return true;
  if (!value->is_number()) return false;
  const double seconds = value->get<double>();
  if (!std::isfinite(seconds)) return false;
  // Some issuers write "never" as the largest number they have.
  ms = static_cast<int64_t>(std::clamp(seconds, -kMaxSeconds, kMaxSeconds) * 1000);
  return true;
}

std::string seconds_text(int64_t ms) { return std::to_string((ms + 999) / 1000) + " s"; }

// What is wrong with the times but that they are over; empty: nothing. `expires_ms`: with leeway,
// if there is an exp.
std::string flaw_of_times(const json& claims, const Policy& policy, int64_t now,
                          std::optional<uint64_t>& expires_ms) {
  std::optional<int64_t> exp, nbf, iat;
  if (!read_time(claims, "exp", exp)) return "its exp is not a time";
  if (!read_time(claims, "nbf", nbf)) return "its nbf is not a time";
  if (!read_time(claims, "iat", iat)) return "its iat is not a time";
  if (!exp && policy.exp_required) return "it has no exp";
  if (nbf && now < *nbf - policy.leeway_ms) {
    return "it is not valid before " + seconds_text(*nbf - now) + " from now";
  }
  if (iat && now < *iat - policy.leeway_ms) {
    return "it was issued " + seconds_text(*iat - now) + " in the future: are the clocks right?";
  }
  if (exp) expires_ms = static_cast<uint64_t>(std::max<int64_t>(0, *exp + policy.leeway_ms));
  return "";
}

// The texts of a claim that is a text or a list of texts; nothing if it is something else.
std::optional<std::vector<std::string_view>> texts_of(const json& value, size_t max_count) {
  std::vector<std::string_view> out;
  if (const auto* text = value.get_ptr<const std::string*>(); text != nullptr) {
    out.emplace_back(*text);
    return out;
  }
  if (!value.is_array() || value.size() > max_count) return std::nullopt;
  for (const json& item : value) {
    const auto* text = item.get_ptr<const std::string*>();
    if (text == nullptr) return std::nullopt;
    out.emplace_back(*text);
  }
  return out;
}

// True if nothing is asked for, or the claim has one of what is.
bool has_one_of(const json& claims, const char* name, const std::vector<std::string>& wanted) {
  if (wanted.empty()) return true;
  const json* value = member(claims, name);
  const auto texts = value == nullptr ? std::nullopt : texts_of(*value, kMaxTokenBytes);
  if (!texts) return false;
  return std::any_of(texts->begin(), texts->end(), [&](std::string_view text) {
    return std::find(wanted.begin(), wanted.end(), text) != wanted.end();
  });
}

std::string flaw_of_room(const json& claims, const Policy& policy, std::string_view room) {
  const json* value = member(claims, policy.room_claim);
  if (value == nullptr)
    return policy.room_required ? "it has no \"" + policy.room_claim + "\"" : "";
  const auto patterns = texts_of(*value, kMaxRoomPatterns);
  const auto too_long = [](std::string_view p) { return p.size() > kMaxPatternBytes; };
  if (!patterns || std::any_of(patterns->begin(), patterns->end(), too_long)) {
    return "its \"" + policy.room_claim + "\" is neither a text nor a list of up to " +
           std::to_string(kMaxRoomPatterns) + " texts";
  }
  const auto matches = [&](std::string_view name) {
    return policy.room_names == RoomNames::exact ? name == room : matches_room(name, room);
  };
  return std::any_of(patterns->begin(), patterns->end(), matches) ? "" : "it is for another room";
}

std::string flaw_of_permission(const json& claims, const Policy& policy, freshet_permission& out) {
  out = policy.default_permission;
  const json* value = member(claims, policy.permission_claim);
  if (value == nullptr) return "";
  const auto* text = value->get_ptr<const std::string*>();
  if (text != nullptr && (*text == "read" || *text == "read-only")) {
    out = FRESHET_READ_ONLY;
  } else if (text != nullptr && (*text == "write" || *text == "read-write")) {
    out = FRESHET_READ_WRITE;
  } else {
    return "its \"" + policy.permission_claim + "\" is neither \"read\" nor \"read-write\"";
  }
  return "";
}

std::string flaw_of_user(const json& claims, const Policy& policy, std::string& out) {
  if (const json* user = member(claims, policy.user_claim); user != nullptr) {
    const std::string* id = user->is_object() ? text_member(*user, "id") : nullptr;
    if (id == nullptr || id->empty()) {
      return "its \"" + policy.user_claim + "\" is not an object with an \"id\" of text";
    }
    out = user->dump();
  } else if (const std::string* sub = text_member(claims, "sub"); sub != nullptr && !sub->empty()) {
    out = json{{"id", *sub}}.dump();
  }
  return out.size() <= kMaxUserBytes
             ? ""
             : "its user is longer than " + std::to_string(kMaxUserBytes) + " bytes";
}

}  // namespace

std::variant<Identity, Refusal> judge(const json& claims, const Policy& policy,
                                      std::string_view room, uint64_t now_ms) {
  Identity identity{};
  std::string flaw =
      flaw_of_times(claims, policy, static_cast<int64_t>(now_ms), identity.expires_ms);
  if (flaw.empty() && !has_one_of(claims, "iss", policy.issuer)) flaw = "its iss is another's";
  if (flaw.empty() && !has_one_of(claims, "aud", policy.audience)) flaw = "its aud is another";
  if (flaw.empty()) flaw = flaw_of_user(claims, policy, identity.user);
  if (!flaw.empty()) return Refusal{Status::unauthenticated, std::move(flaw)};

  flaw = flaw_of_room(claims, policy, room);
  if (flaw.empty()) flaw = flaw_of_permission(claims, policy, identity.permission);
  if (!flaw.empty()) return Refusal{Status::denied, std::move(flaw)};
  // Last, so that a new token is asked for only where it would do.
  if (identity.expires_ms && now_ms >= *identity.expires_ms) {
    const auto ago = now_ms - *identity.expires_ms + static_cast<uint64_t>(policy.leeway_ms);
    return Refusal{Status::unauthenticated,
                   "it expired " + seconds_text(static_cast<int64_t>(ago)) + " ago",
                   identity.expires_ms};
  }
  return identity;
}

}  // namespace freshet::jwt
