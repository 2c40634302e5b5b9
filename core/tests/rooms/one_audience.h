// core/tests/rooms/one_audience.h: the members of one room, its document and what goes out to them,
// without the room.
#pragma once

#include "core/audience/audience.h"
#include "core/tests/rooms/one_shard.h"

namespace freshet::sim {

// The windows of an audience without a room around it.
struct Windows final : Audience::Owner {
  void on_window() override { audience->send_window(); }
  Audience* audience = nullptr;
};

struct OneAudience {
  explicit OneAudience(const Limits& limits) : shard(limits) {
    owner.noting = &residence;
    windows.audience = &audience;
    residence.load();
    shard.settle();
    EXPECT_NE(residence.document(), nullptr);
  }
  ~OneAudience() { shard.settle(); }  // what the audience has posted ends before it does
  OneAudience(const OneAudience&) = delete;
  OneAudience& operator=(const OneAudience&) = delete;

  OneShard shard;
  DocumentOwner owner{"r"};
  Residence residence{shard.services(), owner};
  Presence presence{shard.services().limits};
  Members members;
  Windows windows;
  Audience audience{shard.services(), windows, owner.named, members, residence, presence};
  Author author{7};
  PlainWire wire;
  Heard ann_hears, bob_hears;
  Member& ann = members.add(member(1, wire.get(), ann_hears));
  Member& bob = members.add(member(2, wire.get(), bob_hears));
};

}  // namespace freshet::sim
