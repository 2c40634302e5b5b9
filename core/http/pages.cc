#include "core/http/pages.h"

#include "core/memory/process_figures.h"
#include "core/shards/shard.h"
#include "freshet/format/url.h"

namespace freshet {
namespace {

constexpr std::string_view kPrometheus = "text/plain; version=0.0.4; charset=utf-8";

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
  if (path == "/") return index_.page(request);
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

}  // namespace freshet
