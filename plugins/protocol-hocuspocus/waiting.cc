#include "waiting.h"

#include <utility>

namespace freshet::hocuspocus {
namespace {

bool is_update(Kind kind) { return kind == Kind::step2 || kind == Kind::update; }

}  // namespace

bool Waiting::push(Kind kind, Bytes frame, bool counts) {
  if (kind == Kind::step1) drop([](Kind each) { return is_update(each) || each == Kind::step1; });
  if (!space_.take(frame.size())) return false;
  all_.push_back({{frame.begin(), frame.end()}, kind, counts});
  return true;
}

void Waiting::forget_updates() { drop(is_update); }

void Waiting::clear() {
  drop([](Kind) { return true; });
}

std::deque<Waiting::One> Waiting::take() {
  for (const One& each : all_) space_.give_back(each.frame.size());
  return std::exchange(all_, {});
}

template <class Gone>
void Waiting::drop(Gone gone) {
  std::erase_if(all_, [&](const One& each) {
    if (!gone(each.kind)) return false;
    space_.give_back(each.frame.size());
    return true;
  });
}

}  // namespace freshet::hocuspocus
