#include "bodies.h"

#include <cstring>

namespace freshet::load {

namespace {

bool is(const Body& kept, Bytes message) {
  return kept.bytes.size() == message.size() && !message.empty() &&
         std::memcmp(kept.bytes.data(), message.data(), message.size()) == 0;
}

}  // namespace

const Body& Bodies::of(Bytes message) {
  for (size_t i = 0; i < kBodiesKept; ++i) {
    const Body& kept = kept_[(newest_ + kBodiesKept - i) % kBodiesKept];
    if (is(kept, message)) return kept;
  }
  const bool is_long = message.size() > kMaxBodyKeptBytes;
  if (is_long && is(long_, message)) return long_;
  ++parsed_;
  if (is_long) {
    read(message, long_);
    return long_;
  }
  newest_ = (newest_ + 1) % kBodiesKept;
  read(message, kept_[newest_]);
  return kept_[newest_];
}

void Bodies::read(Bytes message, Body& into) {
  into.bytes.assign(message.begin(), message.end());
  into.parts.clear();
  into.dues.clear();
  into.shown.clear();
  into.heard = wire_.read(into.bytes, into.scratch);
  wire_.read_presence(into.heard, into.shown);
  if (into.heard.word != Word::update && into.heard.word != Word::state) return;
  if (!read_contributions(into.heard.body, authors_, into.parts)) {
    into.heard = {.word = Word::broken};
    return;
  }
  for (const Contribution& part : into.parts) {
    if (part.author == authors_.writers) continue;
    for (uint64_t edit = part.from / authors_.edit_bytes; edit < part.to / authors_.edit_bytes;
         ++edit) {
      into.dues.push_back(schedule_.due(part.author, edit));
    }
  }
}

}  // namespace freshet::load
