#include "core/store/store_watch.h"

#include <utility>

#include "core/report/printable.h"

namespace freshet {
namespace {

constexpr uint32_t kAskEveryMs = 2'000;

}  // namespace

void StoreWatch::start() {
  loop_.post([](void* self) { static_cast<StoreWatch*>(self)->ask(); }, this);
}

void StoreWatch::ask() {
  const OnShard here(loop_.shard());
  store_.check(loop_.shard(),
               [this](Status status, const ReplyItems& items) { hear(status, items); });
}

void StoreWatch::hear(Status status, const ReplyItems& items) {
  if (status == Status::unsupported) return;  // for good
  // One that is busy for long has not said anything.
  if (status == Status::ok) {
    const ReplyItem* told = find_item(items, FRESHET_STORE_TROUBLE);
    std::string trouble = told == nullptr ? std::string() : printable(as_text(told->bytes));
    if (trouble != trouble_) tell_(trouble_ = std::move(trouble));
  }
  loop_.after(kAskEveryMs, [](void* self) { static_cast<StoreWatch*>(self)->ask(); }, this);
}

}  // namespace freshet
