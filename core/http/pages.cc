#include "core/http/pages.h"

#include "core/http/limits.h"
#include "core/memory/process_figures.h"
#include "core/shards/shard.h"
#include "core/version.h"
#include "freshet/format/url.h"
#include "freshet/sink.h"

namespace freshet {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kPrometheus = "text/plain; version=0.0.4; charset=utf-8";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string row(std::string_view what, std::string_view id, std::string_view more = "") {
  return "<tr><td>" + escaped(what) + "</td><td><code>" + escaped(id) + "</code></td><td>" +
         escaped(more) + "</td></tr>\n";
}

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Freshet</title>
<meta name="viewport" content="width=device-width">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem;
       color: #1b2733; background: #fbfcfd }
h1 { font-weight: 600 } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse } td { padding: .15rem 1.2rem .15rem 0; vertical-align: top }
pre { background: #eef2f5; padding: 1rem; overflow-x: auto; border-radius: 6px }
</style></head><body>
)";

// What the wire says to somebody who wants to connect to `route`; empty: nothing.
std::string example_of(const Wire& wire, std::string_view route) {
  if (!FRESHET_HAS(wire.protocol, example)) return "";
  std::string out;
  const ItemSink sink(
      [&](Bytes text) {
        out = as_text(text);
        return Status::ok;
      },
      kMaxExampleBytes);
  const Status said{wire.protocol->example(wire.protocol->self, to_c(route), sink.c())};
  return said == Status::ok ? out : "";
}

}  // namespace

std::optional<Page> Pages::find(const Loop& loop, std::string_view path,
                                const freshet_request& request) const {
  const std::string_view method = view(request.method);
  const bool known = is_of_health(path) || (path == "/" && request.role == FRESHET_PUBLIC) ||
                     (path == "/metrics" && request.role != FRESHET_PUBLIC);
  if (!known) return std::nullopt;
  if (method != "GET" && method != "HEAD") {
    return Page{.status = 405, .body = "only GET here\n", .headers = {{"Allow", "GET, HEAD"}}};
  }
  if (path == "/healthz") return healthy();
  if (path == "/readyz") return ready(loop);
  if (path == "/") return index();
  return metrics();
}

Page Pages::aside(const freshet_request& request) const {
  const std::string_view path = split_target(view(request.target)).path;
  if (path == "/healthz") return healthy();
  if (path == "/metrics" && request.role != FRESHET_PUBLIC) return metrics();
  return hanging();
}

// One that is alive all the same: whoever ends the process for it ends the other shards' people,
// too. Who watches it sees it in /readyz and in the metrics.
Page Pages::healthy() const {
  const std::string trouble = parts_.health.trouble();
  return {.body = trouble.empty() ? "ok\n" : "up, but " + trouble + "\n"};
}

Page Pages::hanging() const {
  const std::string trouble = parts_.health.trouble();
  return {.status = 503,
          .body = (trouble.empty() ? "the server does not come to it now" : trouble) + "\n",
          .headers = {{"Retry-After", "1"}}};
}

Page Pages::metrics() const {
  return {.type = std::string(kPrometheus), .body = parts_.metrics.render() + process_figures()};
}

Page Pages::ready(const Loop& loop) const {
  if (parts_.draining.load(std::memory_order_relaxed)) return {.status = 503, .body = "draining\n"};
  if (!parts_.health.trouble().empty()) return hanging();
  const auto* failing = parts_.metrics.get(FRESHET_GAUGE, "freshet_journal_failing", "");
  const std::string& trouble = parts_.shards.at(loop.shard()).rooms.store_trouble();
  if (!trouble.empty() || (failing != nullptr && failing->get() > 0)) {
    return {
        .status = 503,
        .body = "the store does not take updates" + (trouble.empty() ? "" : ": " + trouble) + "\n"};
  }
  return {.body = "ready\n"};
}

Page Pages::index() const {
  const Services& services = parts_.services;
  std::string html(kHead);
  html += "<h1>Freshet " + escaped(kVersion) + "</h1>\n<p>A realtime collaboration server. " +
          (parts_.draining.load(std::memory_order_relaxed) ? std::string("It is stopping.")
                                                           : std::string("It is up.")) +
          "</p>\n<h2>Plugins</h2>\n<table>\n";
  html += row("platform", services.platform.plugin);
  html += row("storage", services.store.plugin);
  html += row("auth", services.auth ? services.auth.plugin : "none: an open server");
  html += row("crdt", services.crdt.plugin, services.crdt->name);
  for (const Wire& wire : parts_.wires) {
    for (const std::string& route : wire.routes) {
      // Who says in messages who it is says there which room it means.
      const std::string_view room = wire.authenticates() ? "" : "/<room>";
      html += row("protocol", wire.plugin, "ws://this-host" + route + std::string(room));
    }
  }
  for (const Route& route : routes_) {
    if ((route.listeners & FRESHET_HTTP_ON_PUBLIC) != 0) html += row("route", route.prefix);
  }
  html += "</table>\n" + connecting() + "</body></html>\n";
  return {.type = std::string(kHtml), .body = std::move(html)};
}

std::string Pages::connecting() const {
  std::string examples;
  for (const Wire& wire : parts_.wires) {
    if (wire.routes.empty()) continue;
    const std::string example = example_of(wire, wire.routes.front());
    if (!example.empty()) examples += "<pre>" + escaped(example) + "</pre>\n";
  }
  return examples.empty() ? "" : "<h2>Connect</h2>\n" + examples;
}

}  // namespace freshet
