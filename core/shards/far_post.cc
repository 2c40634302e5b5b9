#include "core/shards/far_post.h"

#include <utility>

namespace freshet {

void FarPost::send(uint64_t link, MemberId session, const Frames& frames, Bytes prefix, bool text) {
  if (frames.empty()) return;
  add({link, session, frames, {prefix.begin(), prefix.end()}, text, 0, {}, 0});
}

void FarPost::end(uint64_t link, MemberId session, uint16_t code, std::string_view reason) {
  add({link, session, {}, {}, false, code, std::string(reason), 0});
}

void FarPost::pause_reading(uint64_t link, uint32_t ms) {
  add({link, 0, {}, {}, false, 0, {}, ms});
}

void FarPost::add(Letter letter) {
  letters_.push_back(std::move(letter));
  if (std::exchange(leaving_, true)) return;
  here_.post([this] { leave(); });
}

void FarPost::leave() {
  leaving_ = false;
  there_.loop().post([there = &there_, letters = std::exchange(letters_, {})] {
    for (const Letter& each : letters) deliver(*there, each);
  });
}

void FarPost::deliver(Home& there, const Letter& letter) {
  if (letter.pause_ms != 0) return there.pause_reading(letter.link, letter.pause_ms);
  if (!letter.frames.empty()) {
    return there.deliver(letter.link, letter.session, letter.frames, letter.prefix, letter.text);
  }
  if (letter.session == 0) return there.close(letter.link, letter.code, letter.reason);
  there.end(letter.link, letter.session, letter.code, letter.reason);
}

}  // namespace freshet
