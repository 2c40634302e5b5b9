// core/shards/far_post.h: what the rooms of one shard send to connections that live on another: in
// one post for all that one turn has.
//
// Lives on the rooms' shard, owned by it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/audience/outlet.h"
#include "core/presence/presence.h"
#include "core/shards/home.h"

namespace freshet {

class FarPost {
 public:
  // `here`: of the rooms. Both outlive it.
  FarPost(Loop here, Home& there) : here_(here), there_(there) {}
  FarPost(const FarPost&) = delete;
  FarPost& operator=(const FarPost&) = delete;

  // To a session of a connection, in the order of the calls.
  void send(uint64_t link, MemberId session, const Frames& frames, Bytes prefix, bool text);
  // Of session 0: the connection itself.
  void end(uint64_t link, MemberId session, uint16_t code, std::string_view reason);
  void pause_reading(uint64_t link, uint32_t ms);
  bool empty() const { return letters_.empty(); }

 private:
  struct Letter {
    uint64_t link;
    MemberId session;
    Frames frames;  // none: it is paused or ended
    std::vector<uint8_t> prefix;
    bool text;
    uint16_t code;
    std::string reason;
    uint32_t pause_ms;  // 0: it is ended
  };

  void add(Letter letter);
  void leave();
  static void deliver(Home& there, const Letter& letter);

  const Loop here_;
  Home& there_;
  std::vector<Letter> letters_;
  bool leaving_ = false;  // leave() is to come
};

}  // namespace freshet
