#include "waiting.h"

#include <utility>

namespace freshet::hocuspocus {
namespace {

bool is_counted(Kind kind) { return kind == Kind::step2 || kind == Kind::update; }

}  // namespace

bool Waiting::push(Kind kind, Bytes frame) {
  if (kind == Kind::step1) drop([](Kind each) { return is_counted(each) || each == Kind::step1; });
  if (!space_.take(frame.size())) return false;
  all_.push_back({kind, {frame.begin(), frame.end()}});
  return true;
}

void Waiting::forget_updates() { drop(is_counted); }

void Waiting::clear() {
  drop([](Kind) { return true; });
}

Waiting::Frames Waiting::take() {
  Frames out;
  for (One& each : std::exchange(all_, {})) {
    space_.give_back(each.frame.size());
    out.push_back(std::move(each.frame));
  }
  return out;
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
