// storm.h: everybody comes at once, as after a server's restart or a network's.
//
// What each waits for is the document. Who is refused, or closed before it has it, comes again
// after a second as clients do, unless the close code says that it is for good.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "cast.h"

namespace freshet::load {

// 44xx: the client is to stop. All others ask it to come back.
inline bool comes_again_after(uint16_t close_code) {
  return close_code < 4400 || close_code > 4499;
}

class Storm {
 public:
  // `cast` outlives it, and nobody is in it yet.
  explicit Storm(Cast& cast) : cast_(cast) {}

  void begin(int64_t now);
  // Between two turns: connects some of those whose turn it is, looks who is in.
  void tend(int64_t now);
  // When to tend again; a far time when nothing is left to do.
  int64_t next_ns() const;
  // All are in, or have been told to stay away.
  bool over() const { return connecting_.empty() && outside_.empty() && returning_.empty(); }

  // From when it began, which is when all would have liked to come.
  const Histogram& joined() const { return joined_; }
  uint64_t failed() const { return failed_; }      // connections that ended without the document
  uint64_t returned() const { return returned_; }  // clients who are in, and had to come again

 private:
  struct Return {
    int64_t at_ns;
    size_t place;
  };

  void look(int64_t now);

  Cast& cast_;
  int64_t begun_ns_ = 0, next_look_ns_ = 0;
  std::vector<size_t> connecting_, outside_;  // places; connecting_ is taken from its end
  std::deque<Return> returning_;              // in the order of their times
  std::vector<bool> has_failed_;
  Histogram joined_;
  uint64_t failed_ = 0, returned_ = 0;
};

}  // namespace freshet::load
