// core/submissions/submission.h: what a session submits to its room.
//
// Borrowed on its way there; owned only if it must wait or comes from another shard.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "core/presence/presence.h"
#include "freshet/abi/room.h"
#include "freshet/bytes.h"

namespace freshet {

// One function for each type that a variant may have, for std::visit.
template <class... F>
struct Cases : F... {
  using F::operator()...;
};
template <class... F>
Cases(F...) -> Cases<F...>;

// Points to what the submitter has. One struct for each function of freshet_room that is served by
// the room; what they mean stands there.
struct Submission {
  struct Update {
    uint32_t format;
    Bytes bytes;
    uint64_t ticket;
  };
  struct Presence {
    std::span<const freshet_presence> entries;
  };
  struct PresenceQuery {};
  struct DiffQuery {
    Bytes state_vector;
  };
  struct Follow {
    uint32_t wants;
  };
  struct Open {
    uint32_t format;
    Bytes seed;
  };
  struct Show {
    Bytes change;
  };
  struct Event {
    std::string_view name;
    Bytes data;
    uint64_t ticket;
  };
  struct Renewal {
    bool may_write;
  };
  using What =
      std::variant<Update, Presence, PresenceQuery, DiffQuery, Follow, Open, Show, Event, Renewal>;

  MemberId from;
  What what;
  bool judged = false;  // those who may refuse it have let it pass

  size_t size_bytes() const;  // with all it points to
};

// A submission that has its own copy of what it points to.
class KeptSubmission {
 public:
  explicit KeptSubmission(const Submission& submission);
  KeptSubmission(KeptSubmission&&) = default;
  KeptSubmission& operator=(KeptSubmission&&) = default;

  const Submission& get() const { return submission_; }

 private:
  Bytes kept(Bytes bytes);

  Submission submission_;       // points to what follows, which moves with it
  std::vector<uint8_t> bytes_;  // of everything, one after the other
  std::vector<freshet_presence> entries_;
};

}  // namespace freshet
