#include "sim/plugins/store_table.h"

#include <span>

namespace freshet::sim {
namespace {

using Kind = StoreCall::Kind;

StoreDesk& desk_of(void* self) { return *static_cast<StoreDesk*>(self); }

Blob blob(freshet_bytes bytes) { return {bytes.data, bytes.data + bytes.size}; }

StoreCall call_on(Kind kind, freshet_str room, freshet_reply reply) {
  StoreCall call;
  call.kind = kind;
  call.reply = reply;
  call.room = view(room);
  call.lend(room.data, room.size);
  if (!call.room.empty()) call.keys = {"room " + call.room};
  return call;
}

StoreCall call_on_none(Kind kind, freshet_reply reply) {
  StoreCall call;
  call.kind = kind;
  call.reply = reply;
  return call;
}

StoreCall call_of(Kind kind, freshet_node node, freshet_reply reply) {
  StoreCall call = call_on_none(kind, reply);
  call.node = node;
  call.keys = {"node " + std::string(node.run, node.run + sizeof(node.run))};
  return call;
}

void lend_rooms(StoreCall& call, const freshet_str* rooms, size_t count) {
  for (const freshet_str& room : std::span(rooms, count)) {
    call.rooms.emplace_back(view(room));
    call.lend(room.data, room.size);
  }
  call.lend(rooms, count * sizeof(*rooms));
}

void lend_bytes(StoreCall& call, freshet_bytes bytes) {
  call.bytes = blob(bytes);
  call.lend(bytes.data, bytes.size);
}

void append(void* self, const freshet_batch* batch, freshet_reply reply) {
  StoreCall call = call_on_none(Kind::append, reply);
  call.writer = batch->writer;
  call.number = batch->number;
  for (const freshet_append& e : std::span(batch->entries, batch->count)) {
    const RowOrigin origin{batch->writer, e.last_number, e.first_unix_ms, e.last_unix_ms};
    call.entries.push_back({std::string(view(e.room)), e.epoch, e.flags, blob(e.update),
                            std::string(view(e.author)), origin});
    call.lend(e.update.data, e.update.size);
    call.keys.push_back("room " + call.entries.back().room);
  }
  desk_of(self).take(std::move(call));
}

void fill_rooms(freshet_store& table) {
  table.load = [](void* self, freshet_str room, freshet_reply reply) {
    desk_of(self).take(call_on(Kind::load, room, reply));
  };
  table.append = append;
  table.replace = [](void* self, freshet_str room, freshet_epoch epoch, uint64_t through_seq,
                     freshet_bytes snapshot, freshet_reply reply) {
    StoreCall call = call_on(Kind::replace, room, reply);
    call.epoch = epoch;
    call.number = through_seq;
    lend_bytes(call, snapshot);
    desk_of(self).take(std::move(call));
  };
  table.put = [](void* self, freshet_str room, freshet_epoch epoch, freshet_bytes snapshot,
                 freshet_reply reply) {
    StoreCall call = call_on(Kind::put, room, reply);
    call.epoch = epoch;
    lend_bytes(call, snapshot);
    desk_of(self).take(std::move(call));
  };
  table.erase = [](void* self, freshet_str room, freshet_reply reply) {
    desk_of(self).take(call_on(Kind::erase, room, reply));
  };
  table.list = [](void* self, freshet_str after, uint32_t limit, freshet_reply reply) {
    StoreCall call = call_on(Kind::list, after, reply);
    call.limit = limit;
    call.keys.clear();
    desk_of(self).take(std::move(call));
  };
  table.info = [](void* self, freshet_str room, freshet_reply reply) {
    desk_of(self).take(call_on(Kind::info, room, reply));
  };
  table.backup = [](void* self, freshet_str path, freshet_reply reply) {
    StoreCall call = call_on(Kind::backup, path, reply);
    call.keys.clear();
    desk_of(self).take(std::move(call));
  };
  table.check = [](void* self, freshet_reply reply) {
    const std::string trouble = desk_of(self).trouble();
    const freshet_item item{FRESHET_STORE_TROUBLE, 0, to_c(as_bytes(trouble))};
    if (!trouble.empty()) reply.to->write(reply.to->ctx, reply.token, &item);
    reply.to->done(reply.to->ctx, reply.token, FRESHET_OK);
  };
}

void fill_others(freshet_store& table) {
  table.tail = [](void* self, freshet_str room, freshet_epoch epoch, uint64_t after_seq,
                  uint64_t most_bytes, freshet_reply reply) {
    StoreCall call = call_on(Kind::tail, room, reply);
    call.epoch = epoch;
    call.number = after_seq;
    call.most_bytes = most_bytes;
    desk_of(self).take(std::move(call));
  };
  table.heads = [](void* self, const freshet_str* rooms, size_t count, freshet_reply reply) {
    StoreCall call = call_on_none(Kind::heads, reply);
    lend_rooms(call, rooms, count);
    desk_of(self).take(std::move(call));
  };
  table.room_nodes = [](void* self, freshet_str room, freshet_reply reply) {
    desk_of(self).take(call_on(Kind::room_nodes, room, reply));
  };
  table.notices = [](void* self, uint64_t after, uint32_t limit, freshet_reply reply) {
    StoreCall call = call_on_none(Kind::notices, reply);
    call.number = after;
    call.limit = limit;
    desk_of(self).take(std::move(call));
  };
  table.fold = [](void* self, const freshet_fold* fold, freshet_reply reply) {
    StoreCall call = call_on(Kind::fold, fold->room, reply);
    call.epoch = fold->epoch;
    call.number = fold->through_seq;
    call.writer = fold->writer;
    call.last_number = fold->last_number;
    lend_bytes(call, fold->snapshot);
    call.lend(fold, sizeof(*fold));
    desk_of(self).take(std::move(call));
  };
  table.new_history = [](void* self, freshet_str after, uint32_t limit, freshet_reply reply) {
    StoreCall call = call_on_none(Kind::new_history, reply);
    call.room = std::string(view(after));
    call.limit = limit;
    desk_of(self).take(std::move(call));
  };
  table.notice_remove = [](void* self, uint64_t id, freshet_reply reply) {
    StoreCall call = call_on_none(Kind::notice_remove, reply);
    call.number = id;
    desk_of(self).take(std::move(call));
  };
}

void fill_nodes(freshet_store& table) {
  table.node_beat = [](void* self, freshet_node node, freshet_bytes about, freshet_reply reply) {
    StoreCall call = call_of(Kind::node_beat, node, reply);
    lend_bytes(call, about);
    desk_of(self).take(std::move(call));
  };
  table.node_end = [](void* self, freshet_node node, int tell, freshet_reply reply) {
    StoreCall call = call_of(Kind::node_end, node, reply);
    call.tell = tell != 0;
    desk_of(self).take(std::move(call));
  };
  table.rooms_open = [](void* self, freshet_node node, const freshet_str* rooms, size_t count,
                        freshet_reply reply) {
    StoreCall call = call_of(Kind::rooms_open, node, reply);
    lend_rooms(call, rooms, count);
    desk_of(self).take(std::move(call));
  };
  table.rooms_close = [](void* self, freshet_node node, const freshet_str* rooms, size_t count,
                         int tell, freshet_reply reply) {
    StoreCall call = call_of(Kind::rooms_close, node, reply);
    lend_rooms(call, rooms, count);
    call.tell = tell != 0;
    desk_of(self).take(std::move(call));
  };
  table.claim = [](void* self, freshet_str name, freshet_node node, uint32_t ms,
                   freshet_reply reply) {
    StoreCall call = call_on(Kind::claim, name, reply);
    call.keys = {"claim " + call.room};
    call.node = node;
    call.limit = ms;
    desk_of(self).take(std::move(call));
  };
}

}  // namespace

freshet_store store_table(StoreDesk& desk, Sharing sharing) {
  freshet_store table{};
  table.size = sizeof(table);
  table.self = &desk;
  fill_rooms(table);
  if (sharing == Sharing::alone) return table;
  fill_others(table);
  fill_nodes(table);
  return table;
}

}  // namespace freshet::sim
