#include "core/http/admin/admin.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/config/room_name.h"
#include "core/http/admin/admin_page.h"
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

constexpr std::string_view kRooms = "/rooms/";

Json loaded(Room& room) {
  const freshet_doc_stats stats = room.residence().stats();
  return {{"state", name_of(room.state())},
          {"sessions", room.inside().members.size()},
          {"present", room.inside().presence.size()},
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

// False: there is one, and it is none.
bool read_limit(std::string_view query, uint32_t& limit) {
  const auto asked = query_value(query, "limit");
  if (!asked) return true;
  limit = static_cast<uint32_t>(std::strtoul(asked->c_str(), nullptr, 10));
  return limit > 0 && limit <= kListMax;
}

Page bad_limit() { return problem(400, "limit goes from 1 to " + std::to_string(kListMax)); }

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
  if (checks_.answer(loop, target, request, respond)) return true;
  if (target.path.starts_with(kRooms)) return answer_room(loop, target, request, respond);
  return false;
}

bool Admin::answer_room(const Loop& loop, const Target& target, const freshet_request& request,
                        const Respond& respond) {
  const std::string_view path = target.path.substr(kRooms.size());
  const std::string_view method = view(request.method);
  const size_t slash = path.find('/');
  const std::string room = percent_decode(path.substr(0, slash));
  const std::string_view part = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  if (room.empty()) return respond(problem(400, "not a room's name")), true;

  if (part.empty() && method == "GET") return show(room, respond), true;
  if (part.empty() && method == "DELETE") return erase(room, respond), true;
  if (part == "json" && method == "GET") return read(loop, room, {Form::json}, respond), true;
  if (part == "update" && method == "GET") return read(loop, room, {Form::update}, respond), true;
  if (part == "outline" && method == "GET") {
    uint32_t limit = kListDefault;
    if (!read_limit(target.query, limit)) return respond(bad_limit()), true;
    return read(loop, room, {Form::outline, limit}, respond), true;
  }
  if (part == "evict" && method == "POST") return evict(room, target.query, respond), true;
  if (part == "update" && method == "PUT") {
    const Bytes body = view(request.body);
    return import(room, {body.begin(), body.end()}, respond), true;
  }
  if (part.empty() || part == "json" || part == "update" || part == "outline" || part == "evict") {
    return respond(problem(405, "not that method here")), true;
  }
  return false;
}

void Admin::list(const Loop& loop, std::string_view query, const Respond& respond) {
  uint32_t limit = kListDefault;
  if (!read_limit(query, limit)) return respond(bad_limit());
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
    if (Room* found = shard.find_room(room)) live = loaded(*found);
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

// The stored state, as it was asked for. On a worker.
Page Admin::render(const freshet_crdt& crdt, const ReplyItems& items, Read as) {
  const auto out = as.form == Form::json      ? json_of_history(crdt, items)
                   : as.form == Form::outline ? outline_of_history(crdt, items, as.limit)
                                              : merge_history(crdt, items);
  if (!out && out.status() == Status::unsupported) return problem(501, "the engine cannot do that");
  if (!out) return problem(500, "what is stored cannot be read");
  return {.type = as.form == Form::update ? "application/octet-stream" : "application/json",
          .body = std::string(as_text(*out))};
}

void Admin::read(const Loop& loop, const std::string& room, Read as, const Respond& respond) {
  parts_.store.load(
      loop.shard(), room, [&parts = parts_, as, respond](Status status, ReplyItems items) {
        if (status != Status::ok) return respond(problem(status));
        const freshet_crdt& crdt = *parts.services.crdt.table;
        const Status queued = parts.compactors.run(
            [&crdt, items = std::move(items), as, respond] { respond(render(crdt, items, as)); });
        if (queued != Status::ok) respond(problem(queued));
      });
}

void Admin::evict(const std::string& room, std::string_view query, const Respond& respond) {
  const auto asked = query_value(query, "session");
  const uint64_t session = asked ? std::strtoull(asked->c_str(), nullptr, 10) : 0;
  if (asked && session == 0) return respond(problem(400, "session is a number"));
  Shard& home = parts_.shards.of(room).rooms;
  home.loop().post([&home, room, session, respond] {
    Room* found = home.find_room(room);
    size_t closed = 0;
    if (found != nullptr) {
      closed = static_cast<size_t>(
          std::ranges::count_if(found->inside().members.all(), [session](const Member* each) {
            return !each->closing && (session == 0 || each->spec.client == session);
          }));
      found->guarded([&] {
        found->act({.kind = RoomCommand::Kind::evict, .session = session, .comes_back = true});
      });
    }
    respond(json_page({{"closed", closed}}));
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
  parts_.store.backup(loop.shard(), path, [respond, path](Status status, const ReplyItems& items) {
    if (status == Status::ok) return respond(json_page({{"path", path}}));
    Page page = problem(status);
    if (const ReplyItem* why = find_item(items, FRESHET_STORE_TROUBLE)) {
      page = problem(page.status, as_text(why->bytes));
    }
    respond(page);
  });
}

}  // namespace freshet
