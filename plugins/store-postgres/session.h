// plugins/store-postgres/session.h: the store over one connection.
//
// Plain blocking code. Called by one worker's thread, one call at a time; what calls of the same
// room, topic or node there are is calls/dispatcher.h's to order. Other sessions, of this server
// and of others, do the same to the same tables.
#pragma once

#include <string_view>

#include "freshet/store.h"
#include "store-postgres/cluster/postgres_cluster.h"
#include "store-postgres/database/link.h"
#include "store-postgres/kept/postgres_kept.h"
#include "store-postgres/outbox/postgres_outbox.h"
#include "store-postgres/rooms/appending.h"
#include "store-postgres/rooms/reading.h"
#include "store-postgres/rooms/whole_rooms.h"

namespace freshet::postgres {

class Session final : public Store {
 public:
  // Borrows all of them but the host. `stop`: see Connection.
  Session(const Options& options, KnownHistory& history, int stop, Troubles& troubles, Host host)
      : link_(options, history, stop, troubles),
        reading_(link_),
        appending_(link_, host),
        whole_rooms_(link_),
        outbox_(link_, host),
        kept_(link_),
        cluster_(link_, reading_, whole_rooms_) {}

  Status load(std::string_view room, Reply out) override { return reading_.load(room, out); }
  Status append(const freshet_batch& batch, Reply out) override {
    return appending_.append(batch, out);
  }
  Status replace(std::string_view room, const freshet_epoch& epoch, uint64_t through_seq,
                 Bytes snapshot) override {
    return whole_rooms_.replace(room, epoch, through_seq, snapshot);
  }
  Status put(std::string_view room, const freshet_epoch& epoch, Bytes snapshot) override {
    return whole_rooms_.put(room, epoch, snapshot);
  }
  Status erase(std::string_view room) override { return whole_rooms_.erase(room); }
  Status list(std::string_view after, uint32_t limit, Reply out) override {
    return reading_.list(after, limit, out);
  }
  Status info(std::string_view room, Reply out) override { return reading_.info(room, out); }
  Status check(Reply out) override;
  StoreOutbox* outbox() override { return &outbox_; }
  StoreKept* kept() override { return &kept_; }
  StoreCluster* cluster() override { return &cluster_; }

  Status sweep() { return whole_rooms_.sweep(); }

 private:
  Link link_;
  Reading reading_;
  Appending appending_;
  WholeRooms whole_rooms_;
  PostgresOutbox outbox_;
  PostgresKept kept_;
  PostgresCluster cluster_;
};

}  // namespace freshet::postgres
