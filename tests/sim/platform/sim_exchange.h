// tests/sim/platform/sim_exchange.h: a simulated request, until it is answered.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/platform/sim_connection.h"

namespace freshet::sim {

struct SimExchange {
  uint64_t id = 0;
  uint32_t shard = 0;
  SimConnection* conn = nullptr;  // of an upgrade
  std::function<void(const HttpAnswer&)> on_answer;

  std::string method, target, body, peer, site;
  Headers headers;
  std::vector<freshet_header> c_headers;
  freshet_request c{};

  freshet_exchange* handle() { return reinterpret_cast<freshet_exchange*>(this); }
  static SimExchange& of(freshet_exchange* handle) {
    return *reinterpret_cast<SimExchange*>(handle);
  }

  void take(const HttpRequest& request) {
    method = request.method;
    target = request.target;
    body = request.body;
    peer = request.peer;
    site = request.site;
    headers = request.headers;
    for (const auto& [name, value] : headers) {
      c_headers.push_back({to_c(std::string_view(name)), to_c(std::string_view(value))});
    }
    c.size = sizeof(c);
    c.role = request.role;
    c.method = to_c(std::string_view(method));
    c.target = to_c(std::string_view(target));
    c.peer = to_c(std::string_view(peer));
    c.site = to_c(std::string_view(site));
    c.headers = c_headers.data();
    c.header_count = c_headers.size();
    c.body = to_c(as_bytes(body));
  }
};

}  // namespace freshet::sim
