#include "core/http/index/index.h"

#include "core/http/limits.h"
#include "core/version.h"
#include "freshet/sink.h"

namespace freshet {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";
// How protocols name the server in their examples.
constexpr std::string_view kThisHost = "ws://this-host";
constexpr std::string_view kDemo = "demo", kStudio = "studio";

// The demo is a page of its own, in a frame.
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Freshet</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<style>
:root { --ground: #f6f8f9; --panel: #fff; --line: #d9e0e5; --text: #16202a; --muted: #536170; --accent: #0b6583 }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0f1419; --panel: #161d24; --line: #2b3641; --text: #e3e9ee; --muted: #98a6b3; --accent: #61c3e2 }
}
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: var(--text); background: var(--ground) }
main { max-width: 56rem; margin: 0 auto; padding: 2rem 1rem; overflow-wrap: anywhere }
h1 { font-weight: 600; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p { margin: .5rem 0 } a { color: var(--accent) } .quiet, dt { color: var(--muted) }
code, pre { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace }
pre { background: var(--panel); border: 1px solid var(--line); padding: .8rem 1rem; overflow-x: auto; border-radius: 6px; overflow-wrap: normal }
dl { margin: 0; border-top: 1px solid var(--line) }
dl div { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .3rem 0; border-bottom: 1px solid var(--line) }
dt { flex: 0 0 6rem } dd { margin: 0; flex: 1 1 12rem }
iframe { display: block; width: 100%; height: 276px; border: 0; color-scheme: light dark }
@media (max-width: 560px) { iframe { height: 552px } }
</style></head><body><main>
)";

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

// Of "https://docs.example": "wss://docs.example". Where nobody said by which address this server
// is reached, what stands for it.
std::string site_of_wires(std::string_view site) {
  if (site.starts_with("https://")) return "wss://" + std::string(site.substr(8));
  if (site.starts_with("http://")) return "ws://" + std::string(site.substr(7));
  return std::string(kThisHost);
}

std::string with_site(std::string text, std::string_view wires) {
  for (size_t at = text.find(kThisHost); at != std::string::npos;
       at = text.find(kThisHost, at + wires.size())) {
    text.replace(at, kThisHost.size(), wires);
  }
  return text;
}

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

std::string row(std::string_view what, std::string_view id, std::string_view more = "") {
  return "<div><dt>" + escaped(what) + "</dt><dd><code>" + escaped(id) + "</code> " +
         escaped(more) + "</dd></div>\n";
}

}  // namespace

Page Index::page(const freshet_request& request) const {
  const std::string_view site =
      FRESHET_REACHES(&request, site) ? view(request.site) : std::string_view();
  const bool stops = parts_.draining.load(std::memory_order_relaxed);
  std::string html(kHead);
  html += "<h1>Freshet " + escaped(kVersion) + "</h1>\n<p>A realtime collaboration server. " +
          (stops ? "It is stopping." : "It is up.") + "</p>\n";
  html += demo() + connecting(site_of_wires(site)) + made_of(site_of_wires(site)) + further();
  html += "</main></body></html>\n";
  return {.type = std::string(kHtml),
          .body = std::move(html),
          .headers = {{"Content-Security-Policy", kPolicy},
                      {"Referrer-Policy", "no-referrer"},
                      {"X-Content-Type-Options", "nosniff"}}};
}

const Route* Index::route_of(std::string_view plugin) const {
  for (const auto& offered : parts_.services.https) {
    if (offered.plugin != plugin) continue;
    for (const Route& route : routes_) {
      if (route.http == offered.table) return &route;
    }
  }
  return nullptr;
}

// It has no token, so that it is of use where nobody asks for one.
std::string Index::demo() const {
  const Route* route = route_of(kDemo);
  if (route == nullptr || parts_.services.auth) return "";
  const std::string at = escaped(route->prefix) + "/";
  return "<h2>Two people, one document</h2>\n<iframe src=\"" + at +
         "\" title=\"Two editors in one document\"></iframe>\n"
         "<p class=\"quiet\">Each side is a connection of its own. <a href=\"" +
         at + "\">On a page of its own</a></p>\n";
}

std::string Index::connecting(std::string_view site) const {
  std::string examples;
  for (const Wire& wire : parts_.wires) {
    if (wire.routes.empty()) continue;
    const std::string example = with_site(example_of(wire, wire.routes.front()), site);
    if (!example.empty()) examples += "<pre tabindex=\"0\">" + escaped(example) + "</pre>\n";
  }
  return examples.empty() ? "" : "<h2>Connect</h2>\n" + examples;
}

std::string Index::made_of(std::string_view site) const {
  const Services& services = parts_.services;
  std::string html = "<h2>What it is made of</h2>\n<dl>\n";
  html += row("platform", services.platform.plugin);
  html += row("storage", services.store.plugin);
  html += row("auth", services.auth ? services.auth.plugin : "none: an open server");
  html += row("crdt", services.crdt.plugin, services.crdt->name);
  for (const Wire& wire : parts_.wires) {
    for (const std::string& route : wire.routes) {
      // Who says in messages who it is says there which room it means.
      const std::string_view room = wire.authenticates() ? "" : "/<room>";
      html += row("protocol", wire.plugin, std::string(site) + route + std::string(room));
    }
  }
  for (const Route& route : routes_) {
    if ((route.listeners & FRESHET_HTTP_ON_PUBLIC) != 0) html += row("route", route.prefix);
  }
  return html + "</dl>\n";
}

std::string Index::further() const {
  std::string html =
      "<h2>Further</h2>\n<p><code>man freshet</code>, <code>freshet --help</code>, and among what "
      "was installed <code>docs/</code>: <code>front-ends.md</code> for who writes a page, "
      "<code>operations.md</code> for who runs a server.</p>\n";
  if (route_of(kStudio) != nullptr) {
    html +=
        "<p><code>freshet studio</code>, on the server's machine, opens a page that looks into it: "
        "rooms, people, plots, logs.</p>\n";
  }
  return html;
}

}  // namespace freshet
