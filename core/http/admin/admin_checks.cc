#include "core/http/admin/admin_checks.h"

#include <sodium.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/config/manifest.h"
#include "core/http/admin/admin_page.h"
#include "freshet/abi/auth.h"

namespace freshet {
namespace {

using admin::json_page;
using Json = nlohmann::json;

// A part of a JSON Web Token, which anybody can read; null: it is none.
Json part_of(std::string_view text) {
  std::string out(text.size(), '\0');
  size_t size = 0;
  const int failed = ::sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                                         text.data(), text.size(), nullptr, &size, nullptr,
                                         sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  out.resize(size);
  const Json json = failed != 0 ? Json() : Json::parse(out, nullptr, false);
  return json.is_object() ? json : Json();
}

Json parts_of_token(std::string_view token) {
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return {{"header", nullptr}, {"claims", nullptr}};
  const size_t second = std::min(token.find('.', first + 1), token.size());
  return {{"header", part_of(token.substr(0, first))},
          {"claims", part_of(token.substr(first + 1, second - first - 1))}};
}

// What is asked here is repeated in the answer: of a variable it is known that it is set, and what
// it holds is nobody's to read.
Environment names_alone() {
  return [process = process_environment()](const std::string& name) -> std::optional<std::string> {
    if (!process(name)) return std::nullopt;
    return "${" + name + "}";
  };
}

// By the plugins of this server: those it does not have are not judged.
Json problems_of(std::string_view text, const std::vector<PluginAccount>& plugins) {
  Problems problems("manifest");
  const Manifest manifest = parse_manifest("manifest", text, names_alone(), problems);
  Json unjudged = Json::array();
  for (const Manifest::Plugin& entry : manifest.plugins) {
    const auto known = std::ranges::find(plugins, entry.use, &PluginAccount::id);
    if (known == plugins.end()) {
      unjudged.push_back(entry.use);
    } else {
      static_cast<void>(Settings::check(known->schema, entry.settings,
                                        {"plugin.settings", known->id, entry.settings_line},
                                        problems));
    }
  }
  Json out = Json::array();
  std::vector<Problem> in_order = problems.all();
  std::ranges::stable_sort(in_order, {}, &Problem::line);
  for (const Problem& each : in_order) {
    out.push_back({{"line", each.line}, {"key", each.key}, {"message", each.reason}});
  }
  return {{"problems", std::move(out)}, {"unjudged", std::move(unjudged)}};
}

Json verdict_of(const Identification::Answer& answer, uint64_t now_ms) {
  Json out = {{"status", name_of(answer.status)}};
  if (answer.status != Status::ok) return out;
  const Identity& who = answer.identity;
  const bool over = who.expires_unix_ms <= now_ms;
  out["user"] = who.user.empty() ? Json() : Json::parse(who.user, nullptr, false);
  out["permission"] = who.permission == FRESHET_READ_WRITE ? "read-write" : "read-only";
  out["expires_ms"] = who.expires_unix_ms == UINT64_MAX ? Json() : Json(who.expires_unix_ms);
  out["expired"] = over;
  return out;
}

}  // namespace

bool AdminChecks::answer(const Loop& loop, const Target& target, const freshet_request& request,
                         const Respond& respond) {
  const bool manifest = target.path == "/check/manifest", token = target.path == "/check/token";
  if (!manifest && !token) return false;
  const std::string_view body = as_text(view(request.body));
  if (view(request.method) != "POST") {
    respond(admin::problem(405, "not that method here"));
  } else if (manifest) {
    check_manifest(body, respond);
  } else {
    check_token(loop, body, target.query, respond);
  }
  return true;
}

void AdminChecks::check_manifest(std::string_view text, const Respond& respond) {
  const Status queued =
      parts_.compactors.run([&plugins = parts_.plugins, text = std::string(text), respond] {
        respond(json_page(problems_of(text, plugins)));
      });
  if (queued != Status::ok) respond(admin::problem(queued));
}

void AdminChecks::check_token(const Loop& loop, std::string_view body, std::string_view query,
                              const Respond& respond) {
  while (!body.empty() && std::string_view(" \r\n\t").find(body.back()) != std::string_view::npos)
    body.remove_suffix(1);
  Json page = parts_of_token(body);
  std::string room = query_value(query, "room").value_or("");
  if (room.empty() && page["claims"].is_object() && page["claims"].contains("room") &&
      page["claims"]["room"].is_string()) {
    room = page["claims"]["room"];
  }
  page["room"] = room;
  page["asked"] = parts_.identification.asks() && !room.empty() && !body.empty();
  if (!page["asked"].get<bool>()) return respond(json_page(page));
  freshet_request nothing{};
  nothing.size = sizeof(nothing);
  parts_.identification.ask(loop, nothing, room, to_c(body),
                            [loop, page, respond](const Identification::Answer& answer) mutable {
                              page["verdict"] = verdict_of(answer, loop.unix_ms());
                              respond(json_page(page));
                            });
}

}  // namespace freshet
