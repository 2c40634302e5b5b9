#include "core/cli/answer.h"

#include <algorithm>

#include "freshet/sink.h"

namespace freshet::cli {

const ReplyItem* Answer::find(uint32_t kind) const {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const ReplyItem& item) { return item.kind == kind; });
  return found == items.end() ? nullptr : &*found;
}

Answer Caller::call(const Call& call) {
  Slot& slot = *slots_.emplace_back(std::make_unique<Slot>());
  call({&replies_, reinterpret_cast<uint64_t>(&slot)});
  // A call that was given up keeps its slot: somebody may still answer it.
  if (!slot.done.try_acquire_for(deadline_)) return {Status::retry, {}};
  Answer out{slot.status, {}};
  if (out.status == Status::ok) out.items = std::move(slot.items);
  slots_.pop_back();
  return out;
}

freshet_status Caller::write(void*, uint64_t token, const freshet_item* item) {
  Slot& slot = *reinterpret_cast<Slot*>(token);
  if (slot.ended) return FRESHET_OK;
  const Bytes bytes = view(item->bytes);
  slot.items.push_back({item->kind, item->number, {bytes.begin(), bytes.end()}});
  return FRESHET_OK;
}

void Caller::done(void*, uint64_t token, freshet_status status) {
  Slot& slot = *reinterpret_cast<Slot*>(token);
  if (slot.ended) return;
  slot.ended = true;
  slot.status = Status{status};
  slot.done.release();
}

}  // namespace freshet::cli
