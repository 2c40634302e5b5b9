#include "core/http/front.h"

#include "core/http/limits.h"
#include "core/http/route_claims.h"
#include "core/loop/plugin_call.h"
#include "core/request/origin.h"
#include "core/request/request_copy.h"
#include "freshet/format/url.h"

namespace freshet {
namespace {

// No rate is below one a second.
constexpr const char* kHastyAfterSeconds = "1";

uint16_t http_status_for(Status status) {
  switch (status) {
    case Status::ok: return 200;
    case Status::not_found: return 404;
    case Status::denied: return 403;
    case Status::unauthenticated: return 401;
    case Status::malformed: return 400;
    case Status::too_large: return 413;
    case Status::conflict: return 409;
    case Status::limit:
    case Status::retry: return 503;
    case Status::unsupported: return 501;
    default: return 500;
  }
}

// A route's answer, as abi/http.h has its items.
Page page_of(Status status, const ReplyItems& items) {
  Page page{.status = http_status_for(status), .type = "", .body = ""};
  if (status != Status::ok) {
    page.type = "text/plain; charset=utf-8";
    page.body = std::string(name_of(status)) + "\n";
    return page;
  }
  for (const ReplyItem& item : items) {
    const std::string_view text = as_text(item.bytes);
    if (item.kind == FRESHET_HTTP_STATUS) page.status = static_cast<uint16_t>(item.number);
    if (item.kind == FRESHET_HTTP_BODY) page.body += text;
    if (item.kind != FRESHET_HTTP_HEADER) continue;
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view value = text.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    page.headers.emplace_back(text.substr(0, colon), value);
  }
  return page;
}

// A table that ends before they were said is of the time when all were public.
uint32_t listeners_of(const freshet_http& http) {
  const bool says = FRESHET_REACHES(&http, listeners) && http.listeners != 0;
  return says ? http.listeners : uint32_t{FRESHET_HTTP_ON_PUBLIC};
}

// A route call, with the request it borrows.
class RouteCall final : public SimpleCall {
 public:
  RouteCall(const freshet_request& request, Done done)
      : SimpleCall(std::move(done)), request_(request) {}
  const freshet_request& request() const { return request_.c(); }

 private:
  RequestCopy request_;
};

// Whatever it tells who asks: each is a status of HTTP.
constexpr std::initializer_list<Status> kAnswers = {
    Status::ok,        Status::malformed, Status::unauthenticated,
    Status::denied,    Status::not_found, Status::conflict,
    Status::too_large, Status::limit,     Status::unsupported};

}  // namespace

Front::Front(const HttpParts& parts)
    : parts_(parts),
      pages_(parts_, routes_),
      upgrades_(parts_),
      admin_(parts_),
      door_(parts_.admin, parts_.admin_key),
      rates_(parts.limits.http_requests_per_second),
      limited_(parts.metrics.counter(
          "freshet_routes_limited_total",
          "Requests to routes of plugins that were over http_requests_per_second.")) {}

Status Front::read_routes(Problems& problems) {
  RouteClaims claims;
  for (const auto& offered : parts_.services.https) {
    const freshet_http* http = offered.table;
    callees_.push_back(std::make_unique<Callee>(parts_.replies, offered.plugin, "answer", kAnswers,
                                                offered.limits));
    const ItemSink sink([&](Bytes route) {
      routes_.push_back(
          {std::string(as_text(route)), http, callees_.back().get(), listeners_of(*http)});
      claims.claim(routes_.back().prefix, offered, problems);
      return Status::ok;
    });
    FRESHET_CHECK(Status{http->routes(http->self, sink.c())});
  }
  return Status::ok;
}

void Front::on_request(Links& here, freshet_exchange* exchange, const freshet_request& request) {
  if (request.role != FRESHET_PUBLIC) return on_operator(here, exchange, request);
  if (request.upgrade != 0) return upgrades_.answer(here, exchange, request);
  const std::string_view path = split_target(view(request.target)).path;
  if (const auto found = pages_.find(here.loop(), path, request))
    return respond(here.loop(), exchange, *found);
  if (plugin_route(here, exchange, request, FRESHET_HTTP_ON_PUBLIC)) return;
  respond(here.loop(), exchange, page_of_nothing(request, path));
}

// A page on any site can reach what listens on its reader's machine; nothing that is for operators
// comes from one. Whether the server is well is nobody's secret, and asked by what has no key.
void Front::on_operator(Links& here, freshet_exchange* exchange, const freshet_request& request) {
  const Loop& loop = here.loop();
  const std::string_view path = split_target(view(request.target)).path;
  const bool is_open = request.role == FRESHET_METRICS || Pages::is_of_health(path);
  const auto refused = is_open ? door_.refusal_of_origin(request) : door_.refusal_of_page(request);
  if (refused) return respond(loop, exchange, *refused);
  if (!is_open) {
    if (on_looker(here, exchange, request)) return;
    if (plugin_route(here, exchange, request, FRESHET_HTTP_ON_ADMIN_OPEN)) return;
    const auto without_key = door_.refusal_of_key(request, loop.now_ms());
    if (without_key) return respond(loop, exchange, *without_key);
  }
  if (const auto found = pages_.find(loop, path, request)) return respond(loop, exchange, *found);
  if (request.role == FRESHET_ADMIN) {
    if (admin_.answer(loop, exchange, request)) return;
    if (plugin_route(here, exchange, request, FRESHET_HTTP_ON_ADMIN)) return;
  }
  respond(loop, exchange, page_of_nothing(request, path));
}

// Who brings no key here may say it first thing on the connection: a browser cannot do else.
bool Front::on_looker(Links& here, freshet_exchange* exchange, const freshet_request& request) {
  if (live_ == nullptr || split_target(view(request.target)).path != Live::kPath) return false;
  if (request.upgrade == 0) {
    respond(here.loop(), exchange,
            {.status = 426,
             .body = "a WebSocket is opened here\n",
             .headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}}});
    return true;
  }
  const bool trusted = door_.has_key(request, here.loop().now_ms());
  upgrades_.answer_looker(here, exchange, request, live_->wire(), trusted);
  return true;
}

// Who opens the address of a protocol in a browser, or asks it by curl, has found it.
Page Front::page_of_nothing(const freshet_request& request, std::string_view path) const {
  std::string_view route;
  if (request.role != FRESHET_PUBLIC || upgrades_.wire_at(path, route) == nullptr) {
    return {.status = 404, .body = "nothing is here\n"};
  }
  return {.status = 426,
          .body = "a WebSocket is opened here, by a client of " + std::string(route.substr(1)) +
                  "; this was a plain request\n",
          .headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}}};
}

void Front::on_aside(freshet_exchange* exchange, const freshet_request& request) const {
  const freshet_platform& platform = *parts_.services.platform.table;
  if (request.role != FRESHET_PUBLIC) {
    const std::string_view path = split_target(view(request.target)).path;
    const bool is_open = request.role == FRESHET_METRICS || Pages::is_of_health(path);
    const auto refused =
        is_open ? door_.refusal_of_origin(request) : door_.refusal_of_page(request);
    if (refused) return respond(platform, exchange, *refused);
    const auto keyless =
        is_open ? std::nullopt : door_.refusal_of_key(request, platform.now_ms(platform.self));
    if (keyless) return respond(platform, exchange, *keyless);
  }
  respond(platform, exchange, pages_.aside(request));
}

const Route* Front::route_of(std::string_view path, uint32_t listeners) const {
  const Route* best = nullptr;
  for (const Route& route : routes_) {
    if ((route.listeners & listeners) == 0) continue;
    if (!is_under(path, route.prefix)) continue;
    if (best == nullptr || route.prefix.size() > best->prefix.size()) best = &route;
  }
  return best;
}

// Nobody but a plugin's route, and operators, has a use for a body.
uint64_t Front::body_limit(const freshet_request& head) const {
  const std::string_view path = split_target(view(head.target)).path;
  const freshet_platform& platform = *parts_.services.platform.table;
  if (head.role == FRESHET_ADMIN && door_.lets_in(head, platform.now_ms(platform.self))) {
    return UINT64_MAX;
  }
  const bool wanted =
      route_of(path, head.role == FRESHET_PUBLIC ? uint32_t{FRESHET_HTTP_ON_PUBLIC}
                                                 : uint32_t{FRESHET_HTTP_ON_ADMIN_OPEN}) != nullptr;
  return wanted ? parts_.limits.http_body_bytes : 0;
}

bool Front::is_hasty(Links& here, const freshet_request& request) {
  if (rates_.take(view(request.peer), here.loop().now_ms())) return false;
  limited_.add();
  here.note_hasty(view(request.peer));
  return true;
}

bool Front::plugin_route(Links& here, freshet_exchange* exchange, const freshet_request& request,
                         uint32_t listeners) {
  const Route* best = route_of(split_target(view(request.target)).path, listeners);
  if (best == nullptr) return false;
  if (is_hasty(here, request)) {
    respond(here.loop(), exchange,
            {.status = 429,
             .body = "too many requests from this address\n",
             .headers = {{"Retry-After", kHastyAfterSeconds}}});
    return true;
  }
  if (!best->answer->admits()) {
    respond(here.loop(), exchange,
            {.status = 503,
             .body = "what answers here is left alone for now\n",
             .headers = {{"Retry-After", kHastyAfterSeconds}}});
    return true;
  }
  auto call = std::make_unique<RouteCall>(
      request, [&here, exchange](Status status, const ReplyItems& items) {
        respond(here.loop(), exchange, page_of(status, items));
      });
  const freshet_request* owned = &call->request();
  const freshet_reply reply = parts_.replies.expect(
      *best->answer, here.loop().shard(), std::move(call),
      best->answer->deadline_ms(parts_.limits.http_deadline_ms), kRouteAnswerBytes);
  const Status queued =
      parts_.route_workers.run([http = best->http, owned, reply, of = best->answer] {
        call_plugin(*of, reply, [&] { http->answer(http->self, owned, reply); });
      });
  if (queued != Status::ok) parts_.replies.fail(reply, queued);
  return true;
}

}  // namespace freshet
