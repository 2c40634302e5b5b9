#include "core/cli/tokens/print_token.h"

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/cli/answer.h"
#include "core/cli/composition.h"
#include "core/config/room_name.h"
#include "freshet/sink.h"

namespace freshet::cli {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kDeadline{10};
constexpr const char* kNoPluv =
    "the auth plugin makes no pluv tokens: auth-jwt does with a pluv_secret";

// An object is taken as it is, anything else is an id.
std::optional<Json> user_of(const std::string& text) {
  if (!text.starts_with('{')) return Json{{"id", text}};
  Json user = Json::parse(text, nullptr, false);
  if (!user.is_object() || !user.contains("id") || !user["id"].is_string()) return std::nullopt;
  return user;
}

// The claims as auth-jwt reads them unless it is told other names.
std::optional<Json> claims_of(const Command& command) {
  const auto user = user_of(command.user);
  if (!user) {
    std::cerr << "--user: must be an id, or a JSON object with a text \"id\"\n";
    return std::nullopt;
  }
  Json claims = Json::parse(command.claims.empty() ? "{}" : command.claims, nullptr, false);
  if (!claims.is_object()) {
    std::cerr << "--claims: must be a JSON object\n";
    return std::nullopt;
  }
  using std::chrono::milliseconds, std::chrono::seconds, std::chrono::system_clock;
  const auto now = system_clock::now().time_since_epoch();
  const auto until = now + milliseconds(command.expires_ms);
  const Json ours = {{"room", command.room},
                     {"user", *user},
                     {"permission", command.read_only ? "read" : "read-write"},
                     {"iat", std::chrono::duration_cast<seconds>(now).count()},
                     {"exp", std::chrono::duration_cast<seconds>(until).count()}};
  claims.insert(ours.begin(), ours.end());  // what --claims says comes first
  return claims;
}

const char* reason(Status status) {
  switch (status) {
    case Status::unsupported: return "the auth plugin has no key that can sign";
    case Status::malformed: return "the auth plugin does not take these claims";
    case Status::retry: return "the auth plugin does not answer";
    default: return "the auth plugin failed; the log says why";
  }
}

}  // namespace

ExitCode print_token(const Command& command) {
  const auto claims = claims_of(command);
  if (!claims) return kUsage;
  Caller caller(kDeadline);  // before the plugins: it ends after them
  const ManifestSource source = command.source();
  Loaded loaded(source, Composition::any, FRESHET_WARN);
  if (!loaded.ok()) return kManifest;
  if (!loaded.host().offers(FRESHET_AUTH_ID)) {
    if (source.built_in) return tell_nobody_is_asked();
    std::cerr << command.manifest << ":1: plugin: no plugin offers " << FRESHET_AUTH_ID
              << ": add a [[plugin]] like use = \"auth-jwt\"\n";
    return kManifest;
  }
  // A pattern is a name with stars in it.
  const std::string fault = room_name_fault(command.room, loaded.manifest().limits.room_name_bytes);
  if (!fault.empty()) {
    std::cerr << "--room: " << fault << "\n";
    return kUsage;
  }
  Services services;
  if (!loaded.create_only({FRESHET_AUTH_ID}, services)) return kManifest;

  const freshet_auth& auth = *services.auth.table;
  const std::string text = claims->dump(-1, ' ', false, Json::error_handler_t::replace);
  if (command.pluv && !FRESHET_HAS(&auth, mint_as)) {
    std::cerr << kNoPluv << "\n";
    return kFailed;
  }
  const Answer answer = caller.call([&](freshet_reply reply) {
    command.pluv ? auth.mint_as(auth.self, to_c(std::string_view("pluv")), to_c(text), reply)
                 : auth.mint(auth.self, to_c(text), reply);
  });
  const ReplyItem* token = answer.find(FRESHET_AUTH_TOKEN);
  if (token == nullptr) {
    const bool no_pluv = command.pluv && answer.status == Status::unsupported;
    const Status why = answer.status == Status::ok ? Status::internal : answer.status;
    std::cerr << (no_pluv ? kNoPluv : reason(why)) << "\n";
    return kFailed;
  }
  std::cout << as_text(token->bytes) << "\n";
  return kOk;
}

}  // namespace freshet::cli
