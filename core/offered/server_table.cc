#include "core/offered/server_table.h"

#include "core/apps/procedures.h"
#include "core/config/room_name.h"
#include "core/offered/limits.h"
#include "core/offered/owned.h"
#include "core/shards/shard.h"
#include "freshet/format/json.h"
#include "freshet/format/utf8.h"

namespace freshet {
namespace {

void say(freshet_reply reply, Status status, Bytes state) {
  if (status == Status::ok && !state.empty()) {
    const freshet_item item{FRESHET_SERVER_STATE, 0, to_c(state)};
    status = Status{reply.to->write(reply.to->ctx, reply.token, &item)};
  }
  reply.to->done(reply.to->ctx, reply.token, freshet_status(status));
}

}  // namespace

ServerTable::ServerTable()
    : c_{
          .size = sizeof(freshet_server),
          .ctx = this,
          .broadcast =
              [](void* ctx, freshet_str room, freshet_str event, freshet_bytes json) {
                const bool good = is_event_name(view(event)) && valid_utf8(view(json)) &&
                                  is_json(as_text(view(json)), kMaxEventDepth);
                if (!good) return freshet_status(FRESHET_MALFORMED);
                return freshet_status(
                    of(ctx).act(owned(room), {.kind = RoomCommand::Kind::broadcast,
                                              .event = owned(event),
                                              .json = std::string(as_text(view(json)))}));
              },
          .evict =
              [](void* ctx, freshet_str room, uint64_t session) {
                return freshet_status(of(ctx).act(
                    owned(room), {.kind = RoomCommand::Kind::evict, .session = session}));
              },
          .edit =
              [](void* ctx, freshet_str room, freshet_bytes operations, freshet_reply reply) {
                of(ctx).ask(owned(room),
                            {.kind = RoomCommand::Kind::edit,
                             .json = std::string(as_text(view(operations)))},
                            reply);
              },
          .read =
              [](void* ctx, freshet_str room, freshet_reply reply) {
                of(ctx).ask(owned(room), {.kind = RoomCommand::Kind::read}, reply);
              },
          .state =
              [](void* ctx, freshet_str room, freshet_reply reply) {
                of(ctx).ask(owned(room), {.kind = RoomCommand::Kind::state}, reply);
              },
      } {}

void ServerTable::open(const Shards& shards, const Limits& limits,
                       const std::atomic<bool>& draining) {
  const std::lock_guard lock(mutex_);
  running_ = {&shards, &limits, &draining};
}

void ServerTable::close() {
  std::vector<freshet_reply> left;
  {
    const std::lock_guard lock(mutex_);
    running_ = {};
    left = waiting_.take_all();
  }
  for (const freshet_reply& reply : left) say(reply, Status::retry, {});
}

// Held while it is passed on, so that close() waits for it.
Status ServerTable::act(std::string room, RoomCommand act) {
  const std::lock_guard lock(mutex_);
  if (running_.shards == nullptr) return Status::retry;
  // What an app still has to tell of the last edits is read until the end.
  if (*running_.draining && act.kind != RoomCommand::Kind::state) return Status::retry;
  if (!room_name_fault(room, running_.limits->room_name_bytes).empty()) return Status::not_found;
  Shard& shard = running_.shards->of(room).rooms;
  return shard.act(std::move(room), std::move(act));
}

void ServerTable::ask(std::string room, RoomCommand act, freshet_reply reply) {
  uint64_t token = 0;
  {
    const std::lock_guard lock(mutex_);
    token = waiting_.add(reply);
  }
  act.done = [this, token](Status status, const std::vector<uint8_t>& state) {
    answer(token, status, state);
  };
  const Status status = this->act(std::move(room), std::move(act));
  if (status != Status::ok) answer(token, status, {});
}

void ServerTable::answer(uint64_t token, Status status, Bytes state) {
  freshet_reply reply{};
  {
    const std::lock_guard lock(mutex_);
    reply = waiting_.take(token);
  }
  if (reply.to == nullptr) return;
  say(reply, status, state);
}

}  // namespace freshet
