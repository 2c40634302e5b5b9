// The order in which the structs of one update are integrated.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "format/update_v1.h"

namespace freshet::crdt {

// Offers each struct to the sink once its dependencies are in, following them from one client's
// section to another's, and back as soon as what was looked for is in: sections of people who wrote
// in turns depend on each other all along. What depends on something that is not in the update is
// parked, and with it the rest of its section. An explicit stack: sections may depend on each other
// in long chains.
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
  static constexpr uint32_t kAll = 0xffff'ffff;

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

  // A section on its way to bring a clock of its client.
  struct Visit {
    uint32_t section;  // kNil: none
    uint32_t clock;
  };

  // The section that may still bring that, if there is one. One that waits itself cannot.
  Visit source(Id missing) {
    constexpr Visit kNone{kNil, 0};
    const auto it = std::lower_bound(by_client_.begin(), by_client_.end(),
                                     std::pair<uint32_t, uint32_t>(missing.client, 0));
    if (it == by_client_.end() || it->first != missing.client) return kNone;
    const uint32_t section = it->second;
    const uint32_t at = at_[section];
    if (busy_[section] || at == update_.sections[section].end) return kNone;
    return update_.structs[at].clock > missing.clock ? kNone : Visit{section, missing.clock};
  }

  void visit(Visit to) {
    stack_.push_back(to);
    if (!busy_.empty()) busy_[to.section] = true;
  }

  void run_from(uint32_t first) {
    visit({first, kAll});
    while (!stack_.empty()) {
      const Visit now = stack_.back();
      const Visit next = advance(now);
      if (next.section != kNil) {
        visit(next);
        continue;
      }
      if (!busy_.empty()) busy_[now.section] = false;
      stack_.pop_back();
    }
  }

  // Goes on with a section until that clock is in or can never be, or until another section must
  // go first, which is returned.
  Visit advance(Visit now) {
    const uint32_t end = update_.sections[now.section].end;
    for (uint32_t& at = cursor(now.section); at < end; ++at) {
      const WireStruct& item = update_.structs[at];
      if (item.clock > now.clock) break;
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
      const Visit other = source(missing);
      if (other.section != kNil) return other;
      park_from(at, end, missing);
      at = end;
      break;
    }
    return {kNil, 0};
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
  std::vector<Visit> stack_;
};

}  // namespace freshet::crdt
