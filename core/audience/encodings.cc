#include "core/audience/encodings.h"

#include <algorithm>

#include "core/audience/limits.h"
#include "core/report/in_plugin.h"
#include "freshet/abi/close.h"
#include "freshet/abi/crdt.h"

namespace freshet {
namespace {

uint32_t key_of(const MemberSpec& to) { return to.wire->index * kMaxVariants + to.variant; }

}  // namespace

freshet_delivery delivery_of(uint32_t kind, Bytes update) {
  freshet_delivery delivery{};
  delivery.kind = kind;
  delivery.format = FRESHET_UPDATE_V1;
  delivery.bytes = to_c(update);
  return delivery;
}

const Frames* Encodings::find(const MemberSpec& to) const {
  const auto made = std::ranges::find(made_, key_of(to), &std::pair<uint32_t, Frames>::first);
  return made == made_.end() ? nullptr : &made->second;
}

const Frames* Encodings::for_member(const freshet_delivery& delivery, Member& to) {
  const Frames* frames = of(delivery, to.spec);
  if (frames == nullptr) to.close(FRESHET_CLOSE_INTERNAL, "internal error");
  return frames;
}

const Frames* Encodings::of(const freshet_delivery& delivery, const MemberSpec& to) {
  if (const Frames* made = find(to)) return made;
  auto& [unused, frames] = made_.emplace_back(key_of(to), Frames{});
  freshet_delivery with_variant = delivery;
  with_variant.size = sizeof(with_variant);
  with_variant.variant = to.variant;
  with_variant.room = to_c(std::string_view(room_));
  const freshet_protocol& protocol = *to.wire->protocol;
  FrameSink sink(services_.loop.platform(), frames);
  const InPlugin inside(to.wire->calls.encode.c_str());
  const Status status{protocol.encode(protocol.self, &with_variant, sink.c())};
  if (status == Status::ok || status == Status::not_found) return &frames;
  services_.log.error("room", "protocol " + to.wire->plugin +
                                  " failed to encode a delivery: " + std::string(name_of(status)));
  made_.pop_back();
  return nullptr;
}

}  // namespace freshet
