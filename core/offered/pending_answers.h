// core/offered/pending_answers.h: the answers that plugins wait for, of what they call of the core.
//
// Not locked: whoever owns it has the lock that guards it. Plugins are answered outside of that
// lock, as they may call again at once.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "freshet/abi/base.h"

namespace freshet {

class PendingAnswers {
 public:
  uint64_t add(freshet_reply reply) {
    waiting_.emplace(++last_token_, reply);
    return last_token_;
  }

  // Whom to answer; nobody (`to` is null) if it was taken before. Once for each token.
  freshet_reply take(uint64_t token) {
    const auto it = waiting_.find(token);
    if (it == waiting_.end()) return {};
    const freshet_reply reply = it->second;
    waiting_.erase(it);
    return reply;
  }

  std::vector<freshet_reply> take_all() {
    std::vector<freshet_reply> all;
    for (const auto& [token, reply] : std::exchange(waiting_, {})) all.push_back(reply);
    return all;
  }

 private:
  uint64_t last_token_ = 0;
  std::unordered_map<uint64_t, freshet_reply> waiting_;
};

}  // namespace freshet
