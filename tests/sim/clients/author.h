// tests/sim/clients/author.h: writes updates by hand, as one replica's editing would.
//
// An author knows the order of its own content only, so each update says what somebody would write
// who has not heard of the others yet: always a possible history, whatever the replica has seen.
// Dependencies on others come from writing into types they made and from deleting what they wrote.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/format/codec.h"

namespace freshet::sim {

struct Id {
  uint64_t client, clock;
};

struct Deletion {
  uint64_t client, clock, len;
};

// Where content goes: a root by name, or a type that some author made.
struct Place {
  std::string root;
  std::optional<Id> inside = std::nullopt;
};

class Author {
 public:
  using Update = std::vector<uint8_t>;

  explicit Author(uint64_t client) : client_(client) {}

  uint64_t client() const { return client_; }
  uint64_t clock() const { return clock_; }  // the next

  // Text after the first `at` units of one's own there; with it go deletions.
  Update type(const Place& place, size_t at, std::string_view ascii,
              const std::vector<Deletion>& deletions = {});
  Update set(const Place& place, const std::string& key, int64_t value);
  // A list or a map of its own, at the end of one's own content there.
  Update nest(const Place& place, Id& made);
  static Update erase(const std::vector<Deletion>& deletions);

  size_t length(const Place& place) const;

 private:
  struct Neighbours {
    std::optional<uint64_t> left, right;
  };
  std::vector<uint64_t>& units(const Place& place);
  void begin(Writer& out, const Place& place, uint8_t kind, Neighbours near,
             const std::string* key);
  static void end(Writer& out, const std::vector<Deletion>& deletions);

  const uint64_t client_;
  uint64_t clock_ = 0;
  std::map<std::string, std::vector<uint64_t>> units_;  // own clocks, in order, by place
  std::map<std::string, uint64_t> keys_;                // own newest entry, by place and key
};

}  // namespace freshet::sim
