#include "core/rooms/commands.h"

#include "core/rooms/limits.h"
#include "freshet/abi/close.h"

namespace freshet {

bool Commands::full(size_t waiting) const { return waiting + unsaved_.size() >= kMaxCommands; }

void Commands::run(const RoomCommand& command) {
  if (command.needs_document()) return run_on_document(command);
  if (command.kind == RoomCommand::Kind::evict) return evict(command);
  freshet_delivery event{};
  event.kind = FRESHET_EVENT;
  event.event = to_c(std::string_view(command.event));
  event.bytes = to_c(as_bytes(command.json));
  audience_.send_event(event);
}

void Commands::evict(const RoomCommand& command) {
  if (!command.comes_back) return audience_.evict(command.session);
  audience_.evict(command.session, FRESHET_CLOSE_OVERLOADED, "an operator closed the connection");
}

void Commands::run_on_document(const RoomCommand& command) {
  if (command.kind == RoomCommand::Kind::read) {
    std::vector<uint8_t> state;
    const Status status = apps_.encode(residence_, state) ? Status::ok : Status::internal;
    return command.done(status, std::move(state));
  }
  const Status status = desk_.edit({}, command.json);
  if (status != Status::ok || residence_.saved().all()) return command.done(status, {});
  unsaved_.emplace_back(residence_.saved().awaited(), command.done);
}

void Commands::end_saved() {
  const uint64_t saved = residence_.saved().through();
  while (!unsaved_.empty() && unsaved_.front().first <= saved) end_first(Status::ok);
}

void Commands::end_all(Status why) {
  while (!unsaved_.empty()) end_first(why);
}

void Commands::end_first(Status status) {
  const RoomCommand::Done done = std::move(unsaved_.front().second);
  unsaved_.pop_front();
  done(status, {});
}

}  // namespace freshet
