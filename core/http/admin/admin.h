// core/http/admin/admin.h: rooms over HTTP, on the admin listener.
//
//   GET    /rooms?after=&limit=     names and sizes, a page at a time
//   GET    /rooms/<name>            one room: what is stored, what apps keep beside it, who is
//                                   there, and of a cluster which nodes have it open
//   GET    /rooms/<name>/update     its state as one update
//   GET    /rooms/<name>/json       its state as JSON
//   GET    /rooms/<name>/outline?limit=  the same as a tree of its types, so many of them
//   POST   /rooms/<name>/evict?session=  its connections on this server, or that one, are closed
//   and
//                                   come back
//   PUT    /rooms/<name>/update     begin a new history with this state
//   DELETE /rooms/<name>            erase it
//   POST   /backup {"path": "..."}  a consistent copy of the whole store
//
// and the outbox and what is checked; see core/http/admin/admin_outbox.h and admin_checks.h.
//
// <name> is percent-encoded. What is read is what is saved. A change of history closes the room's
// sessions with 4409.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/admin/admin_checks.h"
#include "core/http/admin/admin_outbox.h"
#include "core/http/page.h"
#include "core/http/parts.h"

namespace freshet {

class Admin {
 public:
  explicit Admin(const HttpParts& parts) : parts_(parts), outbox_(parts), checks_(parts) {}

  // False: not one of the above.
  bool answer(const Loop& loop, freshet_exchange* exchange, const freshet_request& request);

 private:
  void list(const Loop& loop, std::string_view query, const Respond& respond);
  void show(const std::string& room, const Respond& respond);
  static void show_kept(const HttpParts& parts, const Loop& loop, Status stored,
                        nlohmann::json page, const Respond& respond);
  static void show_nodes(StoreQueue& store, const Loop& loop, Status stored, nlohmann::json page,
                         const Respond& respond);
  enum class Form { update, json, outline };
  struct Read {
    Form form;
    uint32_t limit = 0;  // of an outline
  };
  static Page render(const freshet_crdt& crdt, const ReplyItems& items, Read as);
  void read(const Loop& loop, const std::string& room, Read as, const Respond& respond);
  void evict(const std::string& room, std::string_view query, const Respond& respond);
  void import(const std::string& room, std::vector<uint8_t> update, const Respond& respond);
  void erase(const std::string& room, const Respond& respond);
  void backup(const Loop& loop, std::string_view body, const Respond& respond);
  bool answer_room(const Loop& loop, const Target& target, const freshet_request& request,
                   const Respond& respond);

  const HttpParts& parts_;
  AdminOutbox outbox_;
  AdminChecks checks_;
};

}  // namespace freshet
