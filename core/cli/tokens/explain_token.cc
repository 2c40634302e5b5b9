#include "core/cli/tokens/explain_token.h"

#include <sodium.h>

#include <chrono>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/cli/answer.h"
#include "core/cli/composition.h"
#include "core/cli/wall_clock.h"
#include "core/report/printable.h"
#include "freshet/sink.h"

namespace freshet::cli {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kPatience{10};
constexpr size_t kColumn = 12;

void print_line(std::string about, const std::string& what) {
  about.resize(kColumn, ' ');
  std::cout << about << printable(what) << "\n";
}

// A part of a JSON Web Token, which anybody can read; a discarded value: it is none.
Json part_of(std::string_view text) {
  std::string out(text.size(), '\0');
  size_t size = 0;
  const int failed = ::sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                                         text.data(), text.size(), nullptr, &size, nullptr,
                                         sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  out.resize(size);
  return failed != 0 ? Json(Json::value_t::discarded) : Json::parse(out, nullptr, false);
}

std::string how_far(int64_t seconds) {
  const int64_t size = std::abs(seconds);
  const auto of = [](int64_t n, const char* unit) {
    return std::to_string(n) + " " + unit + (n == 1 ? "" : "s");
  };
  std::string out = size < 120       ? of(size, "second")
                    : size < 7200    ? of(size / 60, "minute")
                    : size < 172'800 ? of(size / 3600, "hour")
                                     : of(size / 86'400, "day");
  return seconds == 0 ? "now" : seconds < 0 ? out + " ago" : "in " + out;
}

std::string in_words(uint64_t unix_ms) {
  if (unix_ms == UINT64_MAX) return "never";
  const auto at = static_cast<std::time_t>(unix_ms / 1000);
  std::tm utc{};
  char text[32] = "";
  ::gmtime_r(&at, &utc);
  std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &utc);
  return std::string(text) + ", " +
         how_far(static_cast<int64_t>(at) - static_cast<int64_t>(wall_clock_ms() / 1000));
}

// Nothing that is secret is in there: a signature proves it, and does not hide it.
void print_claims(const Json& head, const Json& claims) {
  const std::string key = head.contains("kid") ? ", key " + head["kid"].dump() : "";
  print_line("signed with", head.value("alg", Json("nothing")).dump() + key);
  for (const auto& [name, value] : claims.items()) {
    const bool is_time =
        value.is_number_integer() && (name == "exp" || name == "iat" || name == "nbf");
    print_line(name, is_time ? in_words(value.get<uint64_t>() * 1000) : value.dump());
  }
}

// Of one that can be read. Nothing: it is encrypted, as pluv's are, or no token.
std::optional<Json> print_what_it_says(const std::string& token) {
  const size_t first = token.find('.'), second = token.find('.', first + 1);
  const Json head =
      first == std::string::npos ? Json(Json::value_t::discarded) : part_of(token.substr(0, first));
  const Json claims = second == std::string::npos
                          ? Json(Json::value_t::discarded)
                          : part_of(token.substr(first + 1, second - first - 1));
  if (!head.is_object() || !claims.is_object()) {
    std::cout << "not a JSON Web Token, or an encrypted one: what it says, only who has the key "
                 "can read\n";
    return std::nullopt;
  }
  print_claims(head, claims);
  return claims;
}

std::string room_for(const Command& command, const std::optional<Json>& claims) {
  if (!command.room.empty() || !claims || !claims->contains("room")) return command.room;
  const Json& room = (*claims)["room"];
  return room.is_string() ? room.get<std::string>() : "";
}

// A plugin says nothing of whose an expired token is, so it is asked as of when it was good.
uint64_t when_to_ask(const std::optional<Json>& claims) {
  const uint64_t now = wall_clock_ms();
  if (!claims || !claims->contains("exp") || !(*claims)["exp"].is_number()) return now;
  const auto expires = (*claims)["exp"].get<double>() * 1000;
  return expires >= 1 && expires < static_cast<double>(now) ? static_cast<uint64_t>(expires) - 1
                                                            : now;
}

std::string rights_in_words(const Answer& answer) {
  const ReplyItem* user = answer.find(FRESHET_AUTH_USER);
  const ReplyItem* permission = answer.find(FRESHET_AUTH_PERMISSION);
  const bool edits = permission != nullptr && permission->number == FRESHET_READ_WRITE;
  return std::string("to ") + (edits ? "edit" : "look only") + ", from " +
         (user == nullptr ? "somebody without a name" : std::string(as_text(user->bytes)));
}

uint64_t end_of(const Answer& answer) {
  const ReplyItem* expires = answer.find(FRESHET_AUTH_EXPIRES);
  return expires == nullptr ? UINT64_MAX : static_cast<uint64_t>(expires->number);
}

// `until`: when it ends, or has ended.
ExitCode tell_verdict(const Answer& answer, uint64_t until, const std::string& room) {
  const std::string where = " for room \"" + room + "\"";
  if (answer.status != Status::ok) {
    print_line("the server", "refuses it" + where + ": " + std::string(name_of(answer.status)) +
                                 "; what its plugin logged says why");
    return kFailed;
  }
  if (until > wall_clock_ms()) {
    print_line("the server",
               "takes it" + where + ", " + rights_in_words(answer) + "; ends: " + in_words(until));
    return kOk;
  }
  const bool says_whose = answer.find(FRESHET_AUTH_PERMISSION) != nullptr;
  print_line("the server",
             "refuses it" + where + ": it has expired: " + in_words(until) +
                 (says_whose ? "; before, it was taken " + rights_in_words(answer) : ""));
  return kFailed;
}

Answer ask(Caller& caller, const freshet_auth& auth, const std::string& token,
           const std::string& room, uint64_t unix_ms) {
  freshet_request nothing{};
  nothing.size = sizeof(nothing);
  nothing.peer = to_c(std::string_view("freshet token explain"));
  freshet_auth_request request{};
  request.size = sizeof(request);
  request.token = to_c(std::string_view(token));
  request.request = &nothing;
  request.room = to_c(std::string_view(room));
  request.unix_ms = unix_ms;
  return caller.call([&](freshet_reply reply) { auth.identify(auth.self, &request, reply); });
}

}  // namespace

ExitCode explain_token(const Command& command) {
  const auto claims = print_what_it_says(command.token);
  const std::string room = room_for(command, claims);
  Caller caller(kPatience);  // before the plugins: it ends after them
  const ManifestSource source = command.source();
  Loaded loaded(source, Composition::any, FRESHET_INFO);
  if (!loaded.ok()) return kManifest;
  if (!loaded.host().offers(FRESHET_AUTH_ID)) {
    if (source.built_in) return tell_nobody_is_asked();
    std::cerr << command.manifest << ":1: plugin: no plugin offers " << FRESHET_AUTH_ID
              << ": nobody is asked for a token\n";
    return kManifest;
  }
  if (room.empty()) {
    std::cerr << "--room: for which room? It does not say\n";
    return kUsage;
  }
  Services services;
  if (!loaded.create_only({FRESHET_AUTH_ID}, services)) return kManifest;
  const freshet_auth& auth = *services.auth.table;
  Answer answer = ask(caller, auth, command.token, room, when_to_ask(claims));
  const uint64_t until = end_of(answer);
  // Of one that it alone can read, and that has ended, the plugin says whose it was as of before.
  if (!claims && answer.status == Status::ok && until != 0 && until <= wall_clock_ms()) {
    answer = ask(caller, auth, command.token, room, until - 1);
  }
  return tell_verdict(answer, until, room);
}

}  // namespace freshet::cli
