// freshet/format/clocks.h: how much of each client somebody has: a state vector.
//
//   varuint count, then of each client: varuint client, varuint how many of its changes
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "freshet/format/codec.h"
#include "freshet/result.h"

namespace freshet {

class Clocks {
 public:
  // What nobody has written is nothing, and so is no bytes. Status::malformed: not a state vector.
  static Result<Clocks> read(Bytes bytes) {
    Clocks out;
    Reader in(bytes);
    for (uint64_t left = bytes.empty() ? 0 : in.varuint(); left > 0 && in.ok(); --left) {
      const uint64_t client = in.varuint();
      out.all_[client] = in.varuint();
    }
    if (!in.ok() || !in.at_end()) return Status::malformed;
    return out;
  }
  std::vector<uint8_t> bytes() const {
    std::vector<uint8_t> out;
    Writer to(out);
    to.varuint(all_.size());
    for (const auto& [client, count] : all_) {
      to.varuint(client);
      to.varuint(count);
    }
    return out;
  }

  // Of a client: the clock that it is to use next.
  uint64_t next(uint64_t client) const {
    const auto it = all_.find(client);
    return it == all_.end() ? 0 : it->second;
  }
  void note(uint64_t client) { ++all_[client]; }  // one more of it
  size_t clients() const { return all_.size(); }

 private:
  std::map<uint64_t, uint64_t> all_;
};

}  // namespace freshet
