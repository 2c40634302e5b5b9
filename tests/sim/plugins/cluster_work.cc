#include "sim/plugins/cluster_work.h"

#include <algorithm>

namespace freshet::sim {
namespace {

using Kind = StoreCall::Kind;

void notice_item(StoreCall& call, uint64_t id, const NoticeRow& notice) {
  call.item(FRESHET_STORE_NOTICE, id, as_bytes(notice.room));
  if (notice.epoch) call.item(FRESHET_STORE_EPOCH, 0, notice.epoch->bytes);
}

}  // namespace

Status ClusterWork::carry_out(StoreCall& call) {
  switch (call.kind) {
    case Kind::node_beat: return node_beat(call);
    case Kind::node_end: return node_end(call);
    case Kind::rooms_open: return rooms_open(call);
    case Kind::rooms_close: return rooms_close(call);
    case Kind::room_nodes: return room_nodes(call);
    case Kind::notices: return notices(call);
    case Kind::notice_remove: return notice_remove(call);
    case Kind::claim: return claim(call);
    default: return Status::internal;
  }
}

// ---- nodes

NodeRow* ClusterWork::living(const freshet_node& node) {
  const auto it = disk_.nodes.find(id_of(node));
  return it == disk_.nodes.end() || it->second.ended ? nullptr : &it->second;
}

Status ClusterWork::node_beat(StoreCall& call) {
  disk_.begin_change();
  NodeRow& own = disk_.nodes[id_of(call.node)];
  if (own.ended) return Status::conflict;
  ++own.beats;
  own.about = call.bytes;
  for (const auto& [id, node] : disk_.nodes) {
    if (node.ended) continue;
    call.item(FRESHET_STORE_NODE, node.beats, id);
    call.item(FRESHET_STORE_ABOUT, 0, node.about);
  }
  return Status::ok;
}

Status ClusterWork::node_end(StoreCall& call) {
  NodeRow* node = living(call.node);
  if (node == nullptr) return Status::not_found;
  disk_.begin_change();
  const std::set<std::string> open = node->open;
  close(call, *node, open);
  call.items.clear();  // of which it says nothing
  node->ended = true;
  std::erase_if(disk_.claims,
                [&](const auto& each) { return each.second.holder == id_of(call.node); });
  return Status::ok;
}

// ---- rooms that are open

Status ClusterWork::rooms_open(const StoreCall& call) {
  NodeRow* node = living(call.node);
  if (node == nullptr) return Status::conflict;
  disk_.begin_change();
  for (const std::string& room : call.rooms) {
    if (!is_open(room)) ++disk_.openings[room];
    node->open.insert(room);
  }
  return Status::ok;
}

Status ClusterWork::rooms_close(StoreCall& call) {
  NodeRow* node = living(call.node);
  if (node == nullptr) return Status::ok;
  disk_.begin_change();
  close(call, *node, {call.rooms.begin(), call.rooms.end()});
  return Status::ok;
}

void ClusterWork::close(StoreCall& call, NodeRow& node, const std::set<std::string>& rooms) {
  for (const std::string& room : rooms) {
    if (node.open.erase(room) == 0 || !call.tell || is_open(room)) continue;
    leave_notice(call, room);
    if (plant_ == Plant::end_told_twice) leave_notice(call, room);
  }
}

bool ClusterWork::is_open(const std::string& room) const {
  return std::ranges::any_of(disk_.nodes,
                             [&](const auto& each) { return each.second.open.contains(room); });
}

void ClusterWork::leave_notice(StoreCall& call, const std::string& room) {
  NoticeRow notice{room, std::nullopt, disk_.openings[room]};
  const auto stored = disk_.rooms.find(room);
  if (stored != disk_.rooms.end()) notice.epoch = stored->second.epoch;
  const uint64_t id = disk_.next_notice();
  disk_.notices.emplace(id, notice);
  disk_.all_notices.emplace(id, notice);
  notice_item(call, id, notice);
}

Status ClusterWork::room_nodes(StoreCall& call) {
  for (const auto& [id, node] : disk_.nodes) {
    if (!node.open.contains(call.room)) continue;
    call.item(FRESHET_STORE_NODE, 0, id);
    call.item(FRESHET_STORE_ABOUT, 0, node.about);
  }
  return Status::ok;
}

// ---- what apps are to be told

Status ClusterWork::notices(StoreCall& call) {
  uint32_t left = call.limit;
  for (auto it = disk_.notices.upper_bound(call.number); it != disk_.notices.end(); ++it) {
    if (left-- == 0) break;
    notice_item(call, it->first, it->second);
  }
  return Status::ok;
}

Status ClusterWork::notice_remove(const StoreCall& call) {
  if (!disk_.notices.contains(call.number)) return Status::not_found;
  disk_.begin_change();
  disk_.notices.erase(call.number);
  return Status::ok;
}

// ---- claims

Status ClusterWork::claim(const StoreCall& call) {
  const uint64_t now_us = scene_.timeline.now_us();
  const auto it = disk_.claims.find(call.room);
  const bool taken = it != disk_.claims.end() && it->second.until_us > now_us;
  if (taken && it->second.holder != id_of(call.node)) return Status::conflict;
  disk_.begin_change();
  disk_.claims[call.room] = {id_of(call.node), now_us + call.limit * kMs};
  return Status::ok;
}

}  // namespace freshet::sim
