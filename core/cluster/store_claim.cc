#include "core/cluster/store_claim.h"

#include "freshet/sink.h"

namespace freshet {

// A timer is set on its own shard only.
void StoreClaim::start() {
  loop_.post([](void* self) { static_cast<StoreClaim*>(self)->renew_later(); }, this);
}

void StoreClaim::renew_later() {
  loop_.after(kRenewClaimMs, [](void* self) { static_cast<StoreClaim*>(self)->renew(); }, this);
}

// Whether the last one was answered or not: a store that is slow for a while takes no claim away.
void StoreClaim::renew() {
  const OnShard here(loop_.shard());
  renew_later();
  static_cast<void>(if_memory([this] {
    store_.cluster(
        loop_.shard(),
        [node = claimant_](const freshet_store& store, freshet_reply reply) {
          store.claim(store.self, to_c(kStoreClaim), node, kStoreClaimMs, reply);
        },
        [this](Status status, const ReplyItems&) { hear(status); });
    return Status::ok;
  }));
}

// A store that does not answer says nothing of who has it.
void StoreClaim::hear(Status status) {
  const bool lost = status == Status::conflict;
  if (lost && !lost_) {
    log_.error(
        "store",
        "another server works on this store that this one does not hear, as this one did not "
        "reach it for so long that its claim ended; people on the two see each other's edits a "
        "second late, and not each other's cursors: stop one of them");
  }
  if (status == Status::ok && lost_)
    log_.info("store", "no server works on this store that this one does not hear");
  if (status == Status::ok || lost) lost_ = lost;
}

}  // namespace freshet
