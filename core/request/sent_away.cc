#include "core/request/sent_away.h"

#include "core/report/limits.h"
#include "core/report/printable.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

// What is meant to happen, and tells nobody anything.
bool is_usual(uint16_t code) {
  return code == FRESHET_CLOSE_NORMAL || code == FRESHET_CLOSE_RESTART;
}

// What happens to people without anything being wrong.
freshet_level level_of(uint16_t code) {
  const bool in_time = code == FRESHET_CLOSE_EXPIRED || code == FRESHET_CLOSE_TIMEOUT;
  return in_time ? FRESHET_INFO : FRESHET_WARN;
}

std::string words_for(const SentAway::One& one, uint64_t unsaid) {
  std::string out = std::string(one.peer.empty() ? "somebody" : one.peer) + " is sent away with " +
                    std::to_string(one.code) + ": " + printable(one.reason);
  if (!one.room.empty()) out += "; room \"" + printable(one.room) + "\"";
  if (unsaid > 0)
    out += "; " + std::to_string(unsaid) + " more with this code since the last such line";
  return out;
}

}  // namespace

void SentAway::note(const One& one, uint64_t now_ms) {
  std::string line;
  {
    const std::lock_guard lock(mutex_);
    Kind& kind = kinds_[{std::string(one.protocol), one.code}];
    if (kind.count == nullptr) {
      kind.count = &metrics_.counter(
          "freshet_sent_away_total",
          "Connections closed by the server, or not let in, by protocol and code.",
          {{"protocol", one.protocol}, {"code", std::to_string(one.code)}});
    }
    kind.count->add();
    if (is_usual(one.code)) return;
    if (now_ms < kind.not_before_ms) {
      ++kind.unsaid;
      return;
    }
    kind.not_before_ms = now_ms + kRareLineAgainMs;
    line = words_for(one, std::exchange(kind.unsaid, 0));
  }
  log_.write(level_of(one.code), one.protocol, line);
}

}  // namespace freshet
