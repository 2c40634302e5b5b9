#include "core/http/admin/admin_door.h"

#include <arpa/inet.h>

#include <algorithm>

#include "core/request/origin.h"
#include "freshet/format/request.h"
#include "freshet/format/url.h"

namespace freshet {
namespace {

constexpr std::string_view kNameOfSocket = "admin";

std::string_view host_in(const freshet_request& request) {
  return RequestReader(request).header("host").value_or("");
}

// "localhost:4748" without its port, "[::1]:4748" without its brackets.
std::string_view name_in(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

// Which nobody else can make mean this machine.
bool is_address(std::string_view name) {
  const std::string text(name);
  in6_addr any{};
  return ::inet_pton(AF_INET, text.c_str(), &any) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &any) == 1;
}

std::string_view key_in(const freshet_request& request) {
  return RequestReader(request).bearer().value_or("");
}

}  // namespace

// Clients of a socket say the name that the docs give it. Others, with a dot or without, may be
// names of pages: a neighbour answers for those that no name server knows.
bool AdminDoor::knows_host(std::string_view host) const {
  const std::string_view name = name_in(host);
  if (equal_without_case(name, "localhost") || is_address(name)) return true;
  if (rules_.on_socket && equal_without_case(name, kNameOfSocket)) return true;
  return std::ranges::any_of(
      rules_.hosts, [&](const std::string& each) { return equal_without_case(each, name); });
}

std::optional<Page> AdminDoor::refusal_of_page(const freshet_request& request) const {
  const std::string_view host = host_in(request);
  if (!host.empty() && !knows_host(host)) {
    return Page{.status = 421,
                .body =
                    "the admin listener is not known by the name in Host: reach it by its "
                    "address or as localhost, or name it in [server] admin_hosts\n"};
  }
  return refusal_of_origin(request);
}

std::optional<Page> AdminDoor::refusal_of_origin(const freshet_request& request) const {
  const std::string_view host = host_in(request);
  const std::optional<std::string_view> origin = origin_of(request);
  if (!origin) return std::nullopt;
  const size_t scheme = origin->find("://");
  const bool own = scheme != std::string_view::npos && !host.empty() &&
                   equal_without_case(origin->substr(scheme + 3), host);
  if (own) return std::nullopt;
  return Page{.status = 403, .body = "no web page of another site may use the admin listener\n"};
}

std::optional<Page> AdminDoor::refusal_of_key(const freshet_request& request,
                                              uint64_t now_ms) const {
  switch (key_.judge(key_in(request), view(request.peer), now_ms)) {
    case AdminKey::Verdict::right: return std::nullopt;
    case AdminKey::Verdict::too_often:
      return Page{.status = 429,
                  .body = "too many wrong keys from this address\n",
                  .headers = {{"Retry-After", "1"}}};
    case AdminKey::Verdict::wrong: break;
  }
  return Page{.status = 401,
              .body = "this takes the key of [server] admin_key: Authorization: Bearer KEY\n",
              .headers = {{"WWW-Authenticate", "Bearer"}}};
}

bool AdminDoor::has_key(const freshet_request& request, uint64_t now_ms) const {
  return !key_.asked() ||
         (!key_in(request).empty() &&
          key_.judge(key_in(request), view(request.peer), now_ms) == AdminKey::Verdict::right);
}

bool AdminDoor::lets_in(const freshet_request& head, uint64_t now_ms) const {
  return !refusal_of_page(head) && key_.would_take(key_in(head), view(head.peer), now_ms);
}

}  // namespace freshet
