#include "core/http/admin.h"

#include <nlohmann/json.hpp>

#include "core/config/room_name.h"
#include "core/http/admin_page.h"
#include "core/http/limits.h"
#include "core/report/printable.h"
#include "core/shards/shard.h"
#include "core/store/epoch.h"
#include "core/store/history.h"
#include "core/store/stored_info.h"
#include "freshet/abi/close.h"
#include "freshet/format/url.h"

namespace freshet {
namespace {

using admin::json_page;
using admin::problem;
using Json = nlohmann::json;

std::string_view name_of(Room::State state) {
  switch (state) {
    case Room::State::loading: return "loading";
    case Room::State::live: return "live";
    case Room::State::busy: return "busy";
    case Room::State::asleep: return "asleep";
    case Room::State::failed: return "failed";
    case Room::State::closing: return "closing";
  }
  return "unknown";
}

Json loaded(const Room& room) {
  const freshet_doc_stats stats = room.residence().stats();
  return {{"state", name_of(room.state())},
          {"sessions", room.occupancy().sessions},
          {"present", room.occupancy().shown},
          {"memory_bytes", stats.memory_bytes},
          {"pending_bytes", stats.pending_bytes},
          {"clients", stats.clients},
          {"items", stats.items},
          {"epoch", hex(room.residence().history().epoch)}};
}

// As each says of itself; one that is known no more, by its run.
Json nodes_of(const ReplyItems& items) {
  Json nodes = Json::array();
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_NODE) nodes.push_back(hex(item.bytes));
    if (item.kind == FRESHET_STORE_ABOUT && !nodes.empty()) {
      nodes.back() = printable(as_text(item.bytes));
    }
  }
  return nodes;
}

// The stored state as one update, or as the document's JSON. On a worker.
Page render(const freshet_crdt& crdt, const ReplyItems& items, bool as_json) {
  const auto out = as_json ? json_of_history(crdt, items) : merge_history(crdt, items);
  if (!out) return problem(500, "what is stored cannot be read");
  return {.type = as_json ? "application/json" : "application/octet-stream",
          .body = std::string(as_text(*out))};
}

}  // namespace

bool Admin::answer(const Loop& loop, freshet_exchange* exchange, const freshet_request& request) {
  const Target target = split_target(view(request.target));
  const std::string_view method = view(request.method);
  const Respond respond = [loop, exchange](Page page) {
    loop.post([loop, exchange, page = std::move(page)] { freshet::respond(loop, exchange, page); });
  };
  if (target.path == "/rooms" && method == "GET") return list(loop, target.query, respond), true;
  if (target.path == "/backup" && method == "POST") {
    return backup(loop, as_text(view(request.body)), respond), true;
  }
  if (outbox_.answer(loop, target, request, respond)) return true;
  if (target.path.starts_with("/rooms/")) {
    return answer_room(loop, target.path.substr(7), request, respond);
  }
  return false;
}

bool Admin::answer_room(const Loop& loop, std::string_view path, const freshet_request& request,
                        const Respond& respond) {
  const std::string_view method = view(request.method);
  const size_t slash = path.find('/');
  const std::string room = percent_decode(path.substr(0, slash));
  const std::string_view part = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  if (room.empty()) return respond(problem(400, "not a room's name")), true;

  if (part.empty() && method == "GET") return show(room, respond), true;
  if (part.empty() && method == "DELETE") return erase(room, respond), true;
  if (part == "json" && method == "GET") return read(loop, room, true, respond), true;
  if (part == "update" && method == "GET") return read(loop, room, false, respond), true;
  if (part == "update" && method == "PUT") {
    const Bytes body = view(request.body);
    return import(room, {body.begin(), body.end()}, respond), true;
  }
  if (part.empty() || part == "json" || part == "update") {
    return respond(problem(405, "not that method here")), true;
  }
  return false;
}

void Admin::list(const Loop& loop, std::string_view query, const Respond& respond) {
  uint32_t limit = kListDefault;
  if (const auto asked = query_value(query, "limit")) {
    limit = static_cast<uint32_t>(std::strtoul(asked->c_str(), nullptr, 10));
    if (limit == 0 || limit > kListMax) {
      return respond(problem(400, "limit goes from 1 to " + std::to_string(kListMax)));
    }
  }
  parts_.store.list(loop.shard(), query_value(query, "after").value_or(""), limit,
                    [respond, limit](Status status, const ReplyItems& items) {
                      if (status != Status::ok) return respond(problem(status));
                      Json rooms = Json::array();
                      for (const ReplyItem& item : items) {
                        if (item.kind != FRESHET_STORE_ROOM) continue;
                        rooms.push_back({{"name", as_text(item.bytes)}, {"bytes", item.number}});
                      }
                      const Json next = rooms.size() == limit ? rooms.back()["name"] : Json();
                      respond(json_page({{"rooms", rooms}, {"next", next}}));
                    });
}

void Admin::show(const std::string& room, const Respond& respond) {
  Shard& shard = parts_.shards.of(room).rooms;
  shard.loop().post([&parts = parts_, &shard, room, respond] {
    Json live;
    if (const Room* found = shard.find_room(room)) live = loaded(*found);
    parts.store.info(shard.loop().shard(), room,
                     [&parts, &shard, room, live, respond](Status status, const ReplyItems& items) {
                       Json page = {
                           {"name", room}, {"stored", stored_info(items)}, {"loaded", live}};
                       show_kept(parts, shard.loop(), status, std::move(page), respond);
                     });
  });
}

// There may be nothing else of a room; and a room that is open need not be stored at all.
void Admin::show_kept(const HttpParts& parts, const Loop& loop, Status stored, Json page,
                      const Respond& respond) {
  const std::string room = page["name"];
  parts.store.kept(
      loop.shard(),
      [room](const freshet_store& table, freshet_reply reply) {
        table.kept_list(table.self, to_c(std::string_view(room)), {nullptr, 0}, kKeptShown, reply);
      },
      [&parts, loop, stored, page, room, respond](Status status, const ReplyItems& items) mutable {
        if (status == Status::ok) page["kept"] = kept_values(items, room);
        const bool is_kept = status == Status::ok && !page["kept"].empty();
        const bool is_there = is_kept || !page["loaded"].is_null();
        if (stored == Status::not_found && is_there) stored = Status::ok;
        if (parts.services.bus && parts.store.shared()) {
          return show_nodes(parts.store, loop, stored, std::move(page), respond);
        }
        respond(stored == Status::ok ? json_page(page) : problem(stored));
      });
}

// A room of which nothing is stored may be open elsewhere.
void Admin::show_nodes(StoreQueue& store, const Loop& loop, Status stored, Json page,
                       const Respond& respond) {
  const std::string room = page["name"];
  store.cluster(
      loop.shard(),
      [room](const freshet_store& table, freshet_reply reply) {
        table.room_nodes(table.self, to_c(std::string_view(room)), reply);
      },
      [stored, page, respond](Status status, const ReplyItems& items) mutable {
        page["nodes"] = nodes_of(items);
        const bool is_there = stored == Status::not_found && !page["nodes"].empty();
        if (stored != Status::ok && !is_there) return respond(problem(stored));
        respond(status == Status::ok ? json_page(page) : problem(status));
      });
}

void Admin::read(const Loop& loop, const std::string& room, bool as_json, const Respond& respond) {
  parts_.store.load(loop.shard(), room,
                    [&parts = parts_, as_json, respond](Status status, ReplyItems items) {
                      if (status != Status::ok) return respond(problem(status));
                      const freshet_crdt& crdt = *parts.services.crdt.table;
                      const Status queued =
                          parts.compactors.run([&crdt, items = std::move(items), as_json, respond] {
                            respond(render(crdt, items, as_json));
                          });
                      if (queued != Status::ok) respond(problem(queued));
                    });
}

void Admin::import(const std::string& room, std::vector<uint8_t> update, const Respond& respond) {
  const std::string fault = room_name_fault(room, parts_.limits.room_name_bytes);
  if (!fault.empty()) return respond(problem(400, fault));
  Shard& home = parts_.shards.of(room).rooms;
  const auto work = [&parts = parts_, &home, room, update = std::move(update), respond] {
    const auto snapshot = rewritten(*parts.services.crdt.table, update);
    if (!snapshot) return respond(problem(snapshot.status()));
    home.loop().post([&parts, &home, room, snapshot = *snapshot, respond] {
      const Status begun = home.change_history(
          room, FRESHET_CLOSE_REPLACED,
          [&parts, &home, room, snapshot, respond](Status ready,
                                                   const std::function<void()>& done) {
            if (ready != Status::ok) return done(), respond(problem(ready));
            freshet_epoch epoch{};
            const auto& platform = home.loop().platform();
            platform.random(platform.self, epoch.bytes, sizeof(epoch.bytes));
            parts.store.put(home.loop().shard(), room, epoch, snapshot,
                            [respond, done, epoch](Status put, const ReplyItems&) {
                              done();
                              if (put != Status::ok) return respond(problem(put));
                              respond(json_page({{"epoch", hex(epoch)}}));
                            });
          });
      if (begun != Status::ok) respond(problem(begun));
    });
  };
  const Status queued = parts_.compactors.run(work);
  if (queued != Status::ok) respond(problem(queued));
}

void Admin::erase(const std::string& room, const Respond& respond) {
  Shard& home = parts_.shards.of(room).rooms;
  home.loop().post([&parts = parts_, &home, room, respond] {
    const Status begun = home.change_history(
        room, FRESHET_CLOSE_REPLACED,
        [&parts, &home, room, respond](Status ready, const std::function<void()>& done) {
          if (ready != Status::ok) return done(), respond(problem(ready));
          parts.store.erase(home.loop().shard(), room,
                            [respond, done](Status erased, const ReplyItems&) {
                              done();
                              if (erased != Status::ok) return respond(problem(erased));
                              respond({.status = 204, .type = "", .body = ""});
                            });
        });
    if (begun != Status::ok) respond(problem(begun));
  });
}

void Admin::backup(const Loop& loop, std::string_view body, const Respond& respond) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("path") || !json["path"].is_string()) {
    return respond(problem(400, "the body must be {\"path\": \"...\"}"));
  }
  const std::string path = json["path"];
  parts_.store.backup(loop.shard(), path, [respond, path](Status status, const ReplyItems&) {
    if (status != Status::ok) return respond(problem(status));
    respond(json_page({{"path", path}}));
  });
}

}  // namespace freshet
