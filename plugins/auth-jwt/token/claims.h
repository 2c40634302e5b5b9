// claims.h: from what a verified token says to who may do what, and until when.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "freshet/abi/auth.h"
#include "freshet/result.h"

namespace freshet::jwt {

// How the claim names rooms: a pattern of one who wrote it as one, or just the name that somebody
// gave a room.
enum class RoomNames { patterns, exact };

// What the operator asks of claims; the settings of the same names.
struct Policy {
  int64_t leeway_ms;
  bool exp_required;
  std::vector<std::string> audience, issuer;  // one of these; empty: any
  std::string room_claim;
  bool room_required;
  RoomNames room_names;
  std::string permission_claim;
  freshet_permission default_permission;
  std::string user_claim;
};

struct Identity {
  std::string user;  // a JSON object with "id"; empty: anonymous
  freshet_permission permission;
  std::optional<uint64_t> expires_ms;  // unix time; leeway included
};

struct Refusal {
  Status status;    // unauthenticated: the token is no good; denied: it is, but not for this
  std::string why;  // for the log; never the token
  // The token is no good for nothing but its age: when it ended, in unix time, leeway included.
  std::optional<uint64_t> expired_ms = {};
};

// Pure. `now_ms`: unix time.
std::variant<Identity, Refusal> judge(const nlohmann::json& claims, const Policy& policy,
                                      std::string_view room, uint64_t now_ms);

}  // namespace freshet::jwt
