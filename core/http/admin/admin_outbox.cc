#include "core/http/admin/admin_outbox.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/http/admin/admin_page.h"
#include "core/http/limits.h"

namespace freshet {
namespace {

using admin::json_page;
using admin::problem;
using Json = nlohmann::json;

std::optional<uint64_t> number(std::string_view text) {
  uint64_t out = 0;
  const char* end = text.data() + text.size();
  const auto [at, fault] = std::from_chars(text.data(), end, out);
  if (fault != std::errc{} || at != end || text.empty()) return std::nullopt;
  return out;
}

// A number of the query; `fallback` if it is not there, nothing if it is no number.
std::optional<uint64_t> number_of(std::string_view query, std::string_view key, uint64_t fallback) {
  const auto text = query_value(query, key);
  return text ? number(*text) : fallback;
}

Json entries_of(const ReplyItems& items) {
  Json out = Json::array();
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_ENTRY) {
      out.push_back({{"id", item.number}, {"key", as_text(item.bytes)}});
    }
    if (out.empty()) continue;
    if (item.kind == FRESHET_STORE_TIME) out.back()["time"] = item.number;
    if (item.kind == FRESHET_STORE_BODY) out.back()["bytes"] = item.number;
    if (item.kind == FRESHET_STORE_REASON) out.back()["reason"] = as_text(item.bytes);
  }
  return out;
}

Json topics_of(const ReplyItems& items) {
  Json out = Json::array();
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_TOPIC) out.push_back({{"topic", as_text(item.bytes)}});
    if (out.empty()) continue;
    if (item.kind == FRESHET_STORE_LIVE) out.back()["waiting"] = item.number;
    if (item.kind == FRESHET_STORE_LIVE_BYTES) out.back()["waiting_bytes"] = item.number;
    if (item.kind == FRESHET_STORE_DEAD) out.back()["dead"] = item.number;
    if (item.kind == FRESHET_STORE_DEAD_BYTES) out.back()["dead_bytes"] = item.number;
  }
  return out;
}

}  // namespace

bool AdminOutbox::answer(const Loop& loop, const Target& target, const freshet_request& request,
                         const Respond& respond) {
  constexpr std::string_view kPrefix = "/outbox/";
  const std::string_view method = view(request.method);
  if (target.path == "/outbox" && method == "GET") return topics(loop, respond), true;
  if (!target.path.starts_with(kPrefix)) return false;
  const std::string_view rest = target.path.substr(kPrefix.size());
  const size_t slash = rest.find('/');
  const std::string topic = percent_decode(rest.substr(0, slash));
  const std::string_view part = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  if (topic.empty()) return respond(problem(400, "not a topic's name")), true;

  if (part.empty() && method == "GET") return list(loop, topic, target.query, respond), true;
  if (part.empty() && method == "DELETE") {
    return change(loop, topic, target.query, Change::drop, respond), true;
  }
  if (part == "replay" && method == "POST") {
    return change(loop, topic, target.query, Change::revive, respond), true;
  }
  const auto id = number(part);
  if (id && method == "GET") return read(loop, topic, *id, respond), true;
  if (!id && !part.empty() && part != "replay") return false;
  return respond(problem(405, "not that method here")), true;
}

void AdminOutbox::topics(const Loop& loop, const Respond& respond) {
  const auto call = [](const freshet_store& store, freshet_reply reply) {
    store.outbox_topics(store.self, reply);
  };
  parts_.store.outbox(loop.shard(), call, [respond](Status status, const ReplyItems& items) {
    if (status != Status::ok) return respond(problem(status));
    respond(json_page({{"topics", topics_of(items)}}));
  });
}

void AdminOutbox::list(const Loop& loop, const std::string& topic, std::string_view query,
                       const Respond& respond) {
  const auto after = number_of(query, "after", 0), limit = number_of(query, "limit", kListDefault);
  if (!after || !limit || *limit == 0 || *limit > kListMax) {
    return respond(
        problem(400, "after is an id, limit goes from 1 to " + std::to_string(kListMax)));
  }
  const int dead = query_value(query, "dead").value_or("0") == "1" ? 1 : 0;
  const auto call = [topic, dead, after = *after, limit = static_cast<uint32_t>(*limit)](
                        const freshet_store& store, freshet_reply reply) {
    store.outbox_list(store.self, to_c(std::string_view(topic)), dead, after, limit, reply);
  };
  parts_.store.outbox(loop.shard(), call,
                      [respond, limit = *limit](Status status, const ReplyItems& items) {
                        if (status != Status::ok) return respond(problem(status));
                        const Json entries = entries_of(items);
                        const Json next = entries.size() == limit ? entries.back()["id"] : Json();
                        respond(json_page({{"entries", entries}, {"next", next}}));
                      });
}

void AdminOutbox::read(const Loop& loop, const std::string& topic, uint64_t id,
                       const Respond& respond) {
  const auto call = [topic, id](const freshet_store& store, freshet_reply reply) {
    store.outbox_read(store.self, to_c(std::string_view(topic)), id, reply);
  };
  parts_.store.outbox(loop.shard(), call, [respond](Status status, const ReplyItems& items) {
    const ReplyItem* body = find_item(items, FRESHET_STORE_BODY);
    if (status != Status::ok || body == nullptr) return respond(problem(status, "entry"));
    respond({.type = "application/octet-stream", .body = std::string(as_text(body->bytes))});
  });
}

void AdminOutbox::change(const Loop& loop, const std::string& topic, std::string_view query,
                         Change what, const Respond& respond) {
  const auto id = number_of(query, "id", 0);
  if (!id) return respond(problem(400, "not an id"));
  const auto call = [topic, id = *id, what](const freshet_store& store, freshet_reply reply) {
    const auto change = what == Change::revive ? store.outbox_revive : store.outbox_drop;
    change(store.self, to_c(std::string_view(topic)), id, reply);
  };
  parts_.store.outbox(
      loop.shard(), call,
      [respond, topic, &outbox = parts_.outbox](Status status, const ReplyItems& items) {
        const ReplyItem* count = find_item(items, FRESHET_STORE_COUNT);
        if (status != Status::ok || count == nullptr) {
          return respond(problem(status, "dead entry"));
        }
        outbox.tell(topic);
        respond(json_page({{"count", count->number}}));
      });
}

}  // namespace freshet
