// A peer that edits at random and writes its updates by hand, without the engine's encoder.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "fixtures.h"

namespace freshet::crdt {

class RandomPeer {
 public:
  RandomPeer(uint64_t client, uint32_t seed) : client_(client), random_(seed) {}

  // One edit of what this peer has seen: text, list values, a map entry, a nested type or a
  // deletion. Applied here too; for the others to apply.
  Buffer edit();
  void receive(const Buffer& update);

  const Doc& doc() const { return doc_; }
  bool happy() const { return happy_; }

 private:
  uint32_t below(uint32_t bound) {
    return std::uniform_int_distribution<uint32_t>(0, bound - 1)(random_);
  }
  uint64_t clock() const;
  Buffer insert(bool text);
  Buffer set();
  Buffer remove();
  Buffer one_struct(const Buffer& body);

  uint64_t client_;
  std::mt19937 random_;
  Doc doc_;
  bool happy_ = true;
};

}  // namespace freshet::crdt
