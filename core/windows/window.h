// core/windows/window.h: what has happened in a room since its members were last sent anything.
//
// Updates and events in their order, and whose presence has changed. Presence may be held: then it
// leaves neither by itself nor with the others, and becomes no more by that, as each client has
// one.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/windows/limits.h"
#include "core/windows/presence_changes.h"
#include "core/windows/update_run.h"
#include "freshet/abi/protocol.h"
#include "freshet/sink.h"

namespace freshet {

// An event to the members of a room, or to one of them.
struct RoomEvent {
  explicit RoomEvent(const freshet_delivery& event, MemberId to_one = 0)
      : name(view(event.event)),
        json(as_text(view(event.bytes))),
        to(event.to),
        client(event.from.client),
        user(view(event.from.user)),
        only(to_one) {}

  bool is_for(MemberId member) const { return only == 0 || only == member; }

  freshet_delivery delivery() const {
    freshet_delivery event{};
    event.kind = FRESHET_EVENT;
    event.event = to_c(std::string_view(name));
    event.bytes = to_c(as_bytes(json));
    event.to = to;
    event.from.client = client;
    if (!user.empty()) event.from.user = to_c(std::string_view(user));
    return event;
  }

  std::string name, json;
  uint64_t to, client;
  std::string user;
  MemberId only;  // 0: all of them
};

class Window {
 public:
  using Item = std::variant<UpdateRun, RoomEvent>;

  explicit Window(size_t most_bytes) : most_bytes_(std::min(most_bytes, kWindowBytes)) {}

  void add(const Contribution& update) {
    bytes_ += update.update.size();
    UpdateRun* last = items_.empty() ? nullptr : std::get_if<UpdateRun>(&items_.back());
    last != nullptr && last->takes(update)
        ? last->add(update)
        : static_cast<void>(items_.emplace_back(UpdateRun(update)));
  }
  // Nobody is to hear of an event by somebody it does not know.
  void add(RoomEvent event) {
    presence_held_ = presence_held_ && !presence_.anybody_came();
    bytes_ += event.json.size();
    items_.emplace_back(std::move(event));
  }
  void add(const PresenceNews& news, std::string_view user) { presence_.add(news, user); }

  void hold_presence(bool held) { presence_held_ = held; }
  bool has_presence() const { return !presence_held_ && !presence_.empty(); }

  // Nothing is to leave.
  bool empty() const { return items_.empty() && !has_presence(); }
  // It has as much as it may: it is to leave now.
  bool full() const { return is_large(bytes_) || items_.size() >= kWindowItems; }
  bool is_large(size_t bytes) const { return bytes >= most_bytes_; }

  std::vector<Item> take_items() {
    bytes_ = 0;
    return std::exchange(items_, {});
  }
  PresenceChanges& presence() { return presence_; }  // held or not
  const PresenceChanges& presence() const { return presence_; }
  void clear() {
    presence_held_ = false;
    bytes_ = 0;
    items_.clear();
    presence_.clear();
  }

 private:
  const size_t most_bytes_;
  std::vector<Item> items_;
  PresenceChanges presence_;
  bool presence_held_ = false;
  size_t bytes_ = 0;
};

}  // namespace freshet
