// core/http/admin.h: rooms over HTTP, on the admin listener.
//
//   GET    /rooms?after=&limit=     names and sizes, a page at a time
//   GET    /rooms/<name>            one room: what is stored, who is there
//   GET    /rooms/<name>/update     its state as one update
//   GET    /rooms/<name>/json       its state as JSON
//   PUT    /rooms/<name>/update     begin a new history with this state
//   DELETE /rooms/<name>            erase it
//   POST   /backup {"path": "..."}  a consistent copy of the whole store
//
// and the outbox; see core/http/admin_outbox.h.
//
// <name> is percent-encoded. What is read is what is saved. A change of history closes the room's
// sessions with 4409.
#pragma once

#include <functional>
#include <string>

#include "core/http/admin_outbox.h"
#include "core/http/front.h"
#include "core/loop/replies.h"

namespace freshet {

class Room;

class Admin {
 public:
  explicit Admin(Server& server) : server_(server), outbox_(server) {}

  // False: not one of the above.
  bool answer(Shard& shard, freshet_exchange* exchange, const freshet_request& request);

 private:
  // Sends the page from whatever shard the work ended on.
  using Respond = std::function<void(Page)>;

  void list(Shard& shard, std::string_view query, const Respond& respond);
  void show(const std::string& room, const Respond& respond);
  void read(Shard& shard, const std::string& room, bool as_json, const Respond& respond);
  void import(const std::string& room, std::vector<uint8_t> update, const Respond& respond);
  void erase(const std::string& room, const Respond& respond);
  void backup(Shard& shard, std::string_view body, const Respond& respond);
  bool answer_room(Shard& shard, std::string_view path, const freshet_request& request,
                   const Respond& respond);

  Server& server_;
  AdminOutbox outbox_;
};

}  // namespace freshet
