// core/windows/update_run.h: updates that came one after the other, and are passed on as one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/presence/presence.h"
#include "freshet/abi/crdt.h"
#include "freshet/abi/room.h"
#include "freshet/bytes.h"
#include "freshet/result.h"

namespace freshet {

// An update that has changed the document, on its way to the members of its room.
struct Contribution {
  Bytes update;             // FRESHET_UPDATE_V1
  freshet_source source{};  // whose it is, as peers are told
  MemberId from = 0;        // the session that sent it; 0: none of the room's
  freshet_applied applied{};
};

// By few writers, so that each of them can be given what the others wrote. What may hold several
// authors' content, or waits for updates that have not come, is a run of its own.
class UpdateRun {
 public:
  explicit UpdateRun(const Contribution& first) { add(first); }
  // One that takes no other, and whose bytes stay where they are: they live as long as it does.
  static UpdateRun lent(const Contribution& only);

  // False: the next run begins.
  bool takes(const Contribution& next) const;
  void add(const Contribution& next);  // REQUIRES: takes()

  // ---- who wrote it ----
  bool has_part_of(MemberId session) const;
  bool is_all_of(MemberId session) const;
  // Whether a client that edits under this id (none: nobody knows which) may find content of its
  // own in what other sessions than its own sent.
  bool may_hold_content_of(const std::optional<uint64_t>& author, MemberId session) const;
  // Of one author: that one; of several: the server's.
  freshet_source source() const;

  // ---- as one update ----
  // Otherwise than Status::ok: these cannot be joined, and go one by one; see split().
  Status join(const freshet_crdt& crdt);
  Bytes joined() const;  // REQUIRES: join()
  // What others than this session sent. Empty: nothing. REQUIRES: join().
  Status joined_without(const freshet_crdt& crdt, MemberId session,
                        std::vector<uint8_t>& out) const;
  // Each update as a run of its own, in the order in which they came.
  std::vector<UpdateRun> split() const;

 private:
  struct Part {
    size_t writer;  // in writers_
    size_t offset, size;
    freshet_applied applied;
  };
  struct Writer {
    MemberId from;
    std::optional<uint64_t> author;  // whose content it is; none: nobody's, it only deletes
    uint64_t client;                 // as peers are told
    std::string user;                // the same, JSON; empty: anonymous
    size_t parts = 0;
    std::vector<uint8_t> joined = {};  // of several parts
  };

  UpdateRun() = default;
  static freshet_source source_of(const Writer& writer);
  size_t writer_of(const Contribution& next) const;
  Bytes part(const Part& of) const;
  Bytes joined_of(size_t writer) const;
  Status join_parts(const freshet_crdt& crdt, size_t writer);
  Status join_writers(const freshet_crdt& crdt, MemberId but, std::vector<uint8_t>& out) const;

  std::vector<uint8_t> bytes_;
  Bytes lent_;  // in the place of bytes_; empty: not lent
  std::vector<Part> parts_;
  std::vector<Writer> writers_;
  std::vector<uint8_t> joined_;  // of several writers
  bool alone_ = false;
};

}  // namespace freshet
