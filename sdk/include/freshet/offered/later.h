// freshet/offered/later.h: what a plugin in C++ asks of the core, and hears of later.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "freshet/abi/base.h"
#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet {

// What an answer is made of.
struct LaterItem {
  uint32_t kind;
  uint64_t number;
  std::vector<uint8_t> bytes;
};
using LaterItems = std::vector<LaterItem>;

namespace detail {

// One question. Its address is the token of the answer, and whoever answers owns it: every call of
// the core is answered once.
class Later {
 public:
  // Called once, on a shard or at once: it must not block, and not throw.
  using Done = std::function<void(Status, LaterItems)>;

  static freshet_reply expect(Done done) {
    static constexpr freshet_replies kReplies{sizeof(freshet_replies), nullptr, write, answer};
    auto call = std::make_unique<Later>(std::move(done));
    return {&kReplies, reinterpret_cast<uint64_t>(call.release())};
  }

  explicit Later(Done done) : done_(std::move(done)) {}

 private:
  static freshet_status write(void*, uint64_t token, const freshet_item* item) noexcept {
    const Bytes bytes = view(item->bytes);
    try {
      reinterpret_cast<Later*>(token)->items_.push_back(
          {item->kind, item->number, {bytes.begin(), bytes.end()}});
    } catch (const std::bad_alloc&) {
      return FRESHET_RETRY;  // and so is the answer
    }
    return FRESHET_OK;
  }
  static void answer(void*, uint64_t token, freshet_status status) noexcept {
    const std::unique_ptr<Later> call(reinterpret_cast<Later*>(token));
    call->done_(Status{status}, std::move(call->items_));
  }

  Done done_;
  LaterItems items_;
};

}  // namespace detail
}  // namespace freshet
