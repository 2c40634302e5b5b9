// The order in which the structs of one update are integrated.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "format/update_v1.h"

namespace freshet::crdt {

// Offers each struct to the sink once its dependencies are in, following them from one client's
// section to another's; what depends on something that is not in the update is parked, and with it
// the rest of its section. An explicit stack: sections may depend on each other in long chains.
//
// Sink: bool known(const WireStruct&)             all of it is integrated
//       Id missing(const WireStruct&)             the first dependency that is not
//       void repeat(const WireStruct&)            it is known
//       void take(const WireStruct&)              integrate it
//       void park(const WireStruct&, Id waits_for)
template <class Sink>
class IntegrationOrder {
 public:
  IntegrationOrder(const Update& update, Sink& sink) : update_(update), sink_(sink) {}

  void run() {
    const auto count = static_cast<uint32_t>(update_.sections.size());
    if (count > 1) prepare();
    for (uint32_t section = 0; section < count; ++section) run_from(section);
  }

 private:
  void prepare() {
    for (uint32_t i = 0; i < update_.sections.size(); ++i) {
      by_client_.emplace_back(update_.sections[i].client, i);
      at_.push_back(update_.sections[i].begin);
    }
    std::sort(by_client_.begin(), by_client_.end());
    busy_.resize(at_.size());
  }

  uint32_t& cursor(uint32_t section) {
    if (at_.empty()) at_.push_back(update_.sections[0].begin);
    return at_[section];
  }

  // The section that may still bring this client's structs, kNil if none.
  uint32_t source(uint32_t client) {
    const auto it = std::lower_bound(by_client_.begin(), by_client_.end(),
                                     std::pair<uint32_t, uint32_t>(client, 0));
    if (it == by_client_.end() || it->first != client) return kNil;
    const uint32_t section = it->second;
    return busy_[section] || at_[section] == update_.sections[section].end ? kNil : section;
  }

  void run_from(uint32_t first) {
    stack_.push_back(first);
    if (!busy_.empty()) busy_[first] = true;
    while (!stack_.empty()) {
      const uint32_t section = stack_.back();
      const uint32_t next = advance(section);
      if (next != kNil) {
        stack_.push_back(next);
        busy_[next] = true;
        continue;
      }
      if (!busy_.empty()) busy_[section] = false;
      stack_.pop_back();
    }
  }

  // Goes on with a section until it is done or another one must go first, which is returned.
  uint32_t advance(uint32_t section) {
    const uint32_t end = update_.sections[section].end;
    for (uint32_t& at = cursor(section); at < end; ++at) {
      const WireStruct& item = update_.structs[at];
      if (item.kind == Kind::skip) continue;
      if (sink_.known(item)) {
        sink_.repeat(item);
        continue;
      }
      const Id missing = sink_.missing(item);
      if (!missing) {
        sink_.take(item);
        continue;
      }
      const uint32_t other = source(missing.client);
      if (other != kNil) return other;
      park_from(at, end, missing);
      at = end;
      break;
    }
    return kNil;
  }

  void park_from(uint32_t begin, uint32_t end, Id missing) {
    for (uint32_t i = begin; i < end; ++i) {
      const WireStruct& item = update_.structs[i];
      if (item.kind == Kind::skip) continue;
      // The later ones wait for what is right before them.
      sink_.park(item, i == begin ? missing : Id{item.client, item.clock - 1});
    }
  }

  const Update& update_;
  Sink& sink_;
  std::vector<std::pair<uint32_t, uint32_t>> by_client_;
  std::vector<uint32_t> at_;
  std::vector<bool> busy_;
  std::vector<uint32_t> stack_;
};

}  // namespace freshet::crdt
