#include "core/rooms/submission.h"

#include "freshet/sink.h"

namespace freshet {

Submission Submission::of_presence(MemberId from, std::span<const freshet_presence> entries) {
  Submission s{.kind = Kind::presence, .from = from, .bytes = {}, .presence = {}};
  for (const auto& p : entries) {
    s.presence.push_back({p.client, p.clock, std::nullopt});
    if (p.json.data != nullptr) s.presence.back().json.emplace(view(p.json));
  }
  return s;
}

size_t Submission::size_bytes() const {
  size_t size = sizeof(*this) + bytes.size() + name.size();
  for (const auto& p : presence) size += sizeof(p) + (p.json ? p.json->size() : 0);
  return size;
}

}  // namespace freshet
