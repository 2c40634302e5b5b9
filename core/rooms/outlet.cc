#include "core/rooms/outlet.h"

#include <string>

#include "core/shards/shard.h"

namespace freshet {

void Outlet::send(const Frames& frames, Bytes prefix, bool text) {
  if (conn_ != nullptr) {
    const auto& platform = loop_.platform();
    for (const Body& frame : frames) {
      platform.send(platform.self, conn_, to_c(prefix), frame.get(), text ? 1 : 0);
    }
    return;
  }
  posted_bytes_ += size_of(frames) + frames.size() * prefix.size();
  home_->loop().post([home = home_, link = link_, session = session_, frames,
                      copy = std::vector<uint8_t>(prefix.begin(), prefix.end()), text] {
    if (Link* to = home->find_link(link)) to->deliver(session, frames, copy, text);
  });
}

void Outlet::close(uint16_t code, std::string_view reason) {
  if (conn_ != nullptr) return static_cast<Link*>(conn_->data)->close(code, reason);
  home_->loop().post([home = home_, link = link_, code, copy = std::string(reason)] {
    if (Link* to = home->find_link(link)) to->close(code, copy);
  });
}

}  // namespace freshet
