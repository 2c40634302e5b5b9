#include "core/http/upgrade.h"

#include <algorithm>

#include "core/http/page.h"
#include "core/request/origin.h"
#include "freshet/abi/close.h"
#include "freshet/format/url.h"

namespace freshet {
namespace {

constexpr std::string_view kSubprotocolHeader = "sec-websocket-protocol";

std::vector<std::string> offered_subprotocols(const freshet_request& request) {
  std::vector<std::string> out;
  for (size_t i = 0; i < request.header_count; ++i) {
    if (!equal_without_case(view(request.headers[i].name), kSubprotocolHeader)) continue;
    std::string_view rest = view(request.headers[i].value);
    while (!rest.empty()) {
      std::string_view one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      one.remove_prefix(std::min(one.find_first_not_of(" \t"), one.size()));
      one = one.substr(0, one.find_last_not_of(" \t") + 1);
      if (!one.empty()) out.emplace_back(one);
    }
  }
  return out;
}

// At most 123 bytes: what a close has room for.
constexpr std::string_view kForeignPage =
    "nobody is asked who they are, so only pages of this machine may connect: see origins, and "
    "open";

// What to answer an offer with: browsers insist on one of theirs. The one that carries a token is
// named back only if there is no other.
std::string chosen_subprotocol(const std::vector<std::string>& offered, std::string_view token) {
  for (const std::string& one : offered) {
    if (one != token) return one;
  }
  return std::string(token);
}

// On a connection that asks for each room, it is in none by itself.
Identity nobody_yet() { return {.user = "", .permission = FRESHET_READ_ONLY}; }

}  // namespace

struct Upgrades::Upgrade {
  freshet_exchange* exchange;
  const Wire* wire;
  bool movable;
  std::vector<std::string> subprotocols;
  Link::Request request;
};

const Wire* Upgrades::wire_at(std::string_view path, std::string_view& route) const {
  const Wire* wire = nullptr;
  for (const Wire& candidate : parts_.wires) {
    for (const std::string& prefix : candidate.routes) {
      if (!is_under(path, prefix) || (wire != nullptr && prefix.size() <= route.size())) continue;
      wire = &candidate;
      route = prefix;
    }
  }
  return wire;
}

void Upgrades::answer(Links& here, freshet_exchange* exchange, const freshet_request& request) {
  const Target target = split_target(view(request.target));
  std::string_view route;
  const Wire* wire = wire_at(target.path, route);
  if (wire == nullptr) {
    return turn_away_from_nothing(here, exchange, request,
                                  {.status = 404, .body = "no protocol is at this path\n"});
  }
  if (parts_.draining.load(std::memory_order_relaxed)) {
    return turn_away_from_nothing(
        here, exchange, request,
        {.status = 503, .body = "the server restarts\n", .headers = {{"Retry-After", "1"}}});
  }
  std::string_view tail = target.path.substr(route.size());
  if (!tail.empty()) tail.remove_prefix(1);
  std::string room = percent_decode(tail);
  Upgrade upgrade{
      exchange,
      wire,
      request.movable != 0,
      offered_subprotocols(request),
      {std::move(room), std::string(target.query), "", std::string(view(request.peer))}};
  upgrade.request.subprotocol = chosen_subprotocol(upgrade.subprotocols, "");
  if (!may_come(request)) {
    return turn_away(here, upgrade, FRESHET_CLOSE_DENIED, kForeignPage);
  }
  if (wire->authenticates()) return admit(here, std::move(upgrade), nobody_yet(), &request);
  if (!parts_.identification.asks()) return admit(here, std::move(upgrade), Identity{});
  identify(here, std::move(upgrade), request);
}

void Upgrades::answer_looker(Links& here, freshet_exchange* exchange,
                             const freshet_request& request, const Wire& wire, bool trusted) {
  Upgrade upgrade{exchange,
                  &wire,
                  false,
                  {},
                  {"", std::string(view(request.peer)), "", std::string(view(request.peer))}};
  Identity identity;
  identity.permission = trusted ? FRESHET_READ_WRITE : FRESHET_READ_ONLY;
  admit(here, std::move(upgrade), std::move(identity));
}

// With nobody asked who they are, any site could edit through the browsers of those who visit it.
bool Upgrades::may_come(const freshet_request& request) const {
  const Services& services = parts_.services;
  if (services.auth || services.open) return true;
  if (request.listed_origin != 0) return true;
  const std::optional<std::string_view> origin = origin_of(request);
  return !origin || is_local_origin(*origin);
}

void Upgrades::identify(Links& here, Upgrade upgrade, const freshet_request& request) {
  const std::string room = upgrade.request.room;
  parts_.identification.ask(
      here.loop(), request, room, {nullptr, 0},
      [this, &here, upgrade = std::move(upgrade)](const Identification::Answer& answer) {
        on_identified(here, upgrade, answer);
      });
}

void Upgrades::on_identified(Links& here, Upgrade upgrade, const Identification::Answer& answer) {
  upgrade.request.subprotocol = chosen_subprotocol(upgrade.subprotocols, answer.carrier);
  switch (answer.status) {
    case Status::ok: break;
    case Status::unauthenticated:
    case Status::malformed:
      return turn_away(here, upgrade, FRESHET_CLOSE_UNAUTHENTICATED, "not authenticated");
    case Status::denied:
      return turn_away(here, upgrade, FRESHET_CLOSE_DENIED, "not allowed in this room");
    case Status::retry:
    case Status::limit:
      return turn_away(here, upgrade, FRESHET_CLOSE_OVERLOADED, "try again later");
    default: return turn_away(here, upgrade, FRESHET_CLOSE_INTERNAL, "internal error");
  }
  if (answer.identity.expires_unix_ms <= here.loop().unix_ms()) {
    return turn_away(here, upgrade, FRESHET_CLOSE_EXPIRED, kTokenExpired);
  }
  admit(here, std::move(upgrade), answer.identity);
}

// `in_band`: the request, if it is its connection that will say who they are.
void Upgrades::admit(Links& here, Upgrade upgrade, Identity identity,
                     const freshet_request* in_band) {
  const bool moves = upgrade.movable && !upgrade.request.room.empty() && in_band == nullptr;
  Links& home = moves ? parts_.shards.of(upgrade.request.room).links : here;
  const std::string subprotocol = upgrade.request.subprotocol;
  auto link =
      std::make_unique<Link>(home, *upgrade.wire, std::move(identity), std::move(upgrade.request));
  if (in_band != nullptr) link->keep_request(*in_band);
  freshet_accept accept{};
  accept.size = sizeof(accept);
  accept.shard = home.loop().shard();
  accept.data = link.release();  // the platform brings it back in on_open
  accept.idle_ms = upgrade.wire->traits.idle_ms;
  accept.message_bytes = upgrade.wire->traits.message_bytes;
  if (!subprotocol.empty()) accept.subprotocol = to_c(std::string_view(subprotocol));
  const auto& platform = here.loop().platform();
  platform.accept(platform.self, upgrade.exchange, &accept);
}

// Where nothing is that has close codes.
void Upgrades::turn_away_from_nothing(Links& here, freshet_exchange* exchange,
                                      const freshet_request& request, const Page& page) {
  std::string_view reason = page.body;
  reason.remove_suffix(1);
  here.note_sent_away({.protocol = "none",
                       .code = page.status,
                       .reason = reason,
                       .peer = view(request.peer),
                       .room = {}});
  respond(here.loop(), exchange, page);
}

// Shakes hands and closes: stock clients retry a refused handshake for ever. A wire that has a word
// for it, or clients that must be made to wait, needs a connection for that.
void Upgrades::turn_away(Links& here, const Upgrade& upgrade, uint16_t code,
                         std::string_view reason) {
  freshet_accept accept{};
  accept.size = sizeof(accept);
  accept.shard = here.loop().shard();
  if (upgrade.wire->refuses_in_words()) {
    auto link = std::make_unique<Link>(here, *upgrade.wire, Identity{}, upgrade.request);
    link->will_refuse(code, std::string(reason));
    accept.data = link.release();
  } else {
    here.note_sent_away({.protocol = upgrade.wire->plugin,
                         .code = code,
                         .reason = reason,
                         .peer = upgrade.request.peer,
                         .room = upgrade.request.room});
    accept.close_code = upgrade.wire->close_code(code);
    accept.close_reason = to_c(reason);
    accept.close_delay_ms = upgrade.wire->close_delay_ms(code, 0, here.chance());
  }
  const std::string& subprotocol = upgrade.request.subprotocol;
  if (!subprotocol.empty()) accept.subprotocol = to_c(std::string_view(subprotocol));
  const auto& platform = here.loop().platform();
  platform.accept(platform.self, upgrade.exchange, &accept);
}

}  // namespace freshet
