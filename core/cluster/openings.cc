#include "core/cluster/openings.h"

#include <utility>

#include "freshet/sink.h"

namespace freshet {
namespace {

// A call with a list of rooms, and all that it lends the store.
struct SayRooms {
  using Say = std::function<void(const freshet_store&, const freshet_str* rooms, size_t count,
                                 freshet_reply reply)>;
  SayRooms(std::vector<std::string> of, Say call) : names(std::move(of)), say(std::move(call)) {}

  void operator()(const freshet_store& store, freshet_reply reply) const {
    for (const std::string& name : names) rooms.push_back(to_c(std::string_view(name)));
    say(store, rooms.data(), rooms.size(), reply);
  }

  const std::vector<std::string> names;
  const Say say;
  mutable std::vector<freshet_str> rooms;  // views of names
};

}  // namespace

void Openings::open(const std::string& room, std::function<void()> done) {
  open_.insert(room);
  unsaid_closed_.erase(room);
  next_.push_back({room, std::move(done)});
  if (!saying_) open_next();
}

void Openings::open_next() {
  if (next_.empty()) return;
  saying_ = true;
  said_ = std::exchange(next_, {});
  Names rooms;
  for (const Opening& each : said_) rooms.push_back(each.room);
  say_open(std::move(rooms), [this](Status status) {
    saying_ = false;
    const std::vector<Opening> said = std::exchange(said_, {});
    for (const Opening& each : said) {
      if (status != Status::ok) note_unsaid(each.room);
    }
    open_next();
    for (const Opening& each : said) each.done();
  });
}

void Openings::say_open(Names rooms, std::function<void(Status)> done) {
  parts_.store.cluster(
      parts_.loop.shard(),
      SayRooms(std::move(rooms),
               [node = parts_.self](const freshet_store& store, const freshet_str* names,
                                    size_t count, freshet_reply reply) {
                 store.rooms_open(store.self, node, names, count, reply);
               }),
      [done = std::move(done)](Status status, const ReplyItems&) { done(status); });
}

// As it is by now: it may have been closed, or opened again, meanwhile.
void Openings::note_unsaid(const std::string& room) {
  (open_.contains(room) ? unsaid_open_ : unsaid_closed_).insert(room);
}

void Openings::close(const std::string& room) {
  open_.erase(room);
  unsaid_open_.erase(room);
  say_closed({room});
}

void Openings::say_closed(const Names& rooms) {
  parts_.store.cluster(
      parts_.loop.shard(),
      SayRooms(rooms,
               [node = parts_.self, tells = parts_.tells](const freshet_store& store,
                                                          const freshet_str* names, size_t count,
                                                          freshet_reply reply) {
                 store.rooms_close(store.self, node, names, count, tells ? 1 : 0, reply);
               }),
      [this, rooms](Status status, const ReplyItems& items) {
        for (const std::string& each : rooms) {
          if (status != Status::ok) note_unsaid(each);
        }
        if (find_item(items, FRESHET_STORE_NOTICE) != nullptr) parts_.left();
      });
}

void Openings::begin_anew(const freshet_node& self, const std::vector<std::string>& rooms) {
  parts_.self = self;
  unsaid_open_.insert(rooms.begin(), rooms.end());
  unsaid_closed_.clear();  // what it had as another was closed with that
}

void Openings::tick() {
  const auto take = [](std::unordered_set<std::string>& names) {
    const Names all(names.begin(), names.end());
    names.clear();
    return all;
  };
  if (!unsaid_closed_.empty()) say_closed(take(unsaid_closed_));
  if (unsaid_open_.empty()) return;
  const Names rooms = take(unsaid_open_);
  say_open(rooms, [this, rooms](Status status) {
    for (const std::string& each : rooms) {
      if (status != Status::ok) note_unsaid(each);
    }
  });
}

}  // namespace freshet
