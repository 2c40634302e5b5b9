// What is deleted: ranges of clocks, by client. An update ends with such a set and a snapshot
// begins with one:
//
//   clients, and for each of them:  id, ranges, and for each of these:  clock, length
//
// all of them numbers; ids descend, clocks ascend. In format v2 a clock is told from the end of the
// range before it, and lengths are less one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "freshet/format/codec.h"
#include "freshet/result.h"
#include "items/client_table.h"

namespace freshet::crdt {

enum class DeleteForm { v1, v2 };

struct DeletedRange {
  uint32_t client;
  uint32_t clock;
  uint32_t len;

  uint32_t end() const { return clock + len; }
};

// Out: Writer or Column.
template <class Out>
class DeleteSetWriter {
 public:
  DeleteSetWriter(Out& out, DeleteForm form) : out_(out), form_(form) {}

  void clients(size_t count) { out_.varuint(count); }
  void client(uint64_t id, size_t ranges) {
    out_.varuint(id);
    out_.varuint(ranges);
    told_from_ = 0;
  }
  void range(uint64_t clock, uint64_t len) {
    out_.varuint(clock - told_from_);
    out_.varuint(form_ == DeleteForm::v2 ? len - 1 : len);
    if (form_ == DeleteForm::v2) told_from_ = clock + len;
  }

 private:
  Out& out_;
  const DeleteForm form_;
  uint64_t told_from_ = 0;
};

// The ranges of one client, unchecked but for the reader's own ok().
class RangesOfClient {
 public:
  struct Range {
    uint64_t clock;
    uint64_t len;
  };

  RangesOfClient(Reader& in, DeleteForm form) : in_(in), form_(form) {}

  Range next() {
    const uint64_t clock = told_from_ + in_.varuint();
    const uint64_t len = in_.varuint() + (form_ == DeleteForm::v2 ? 1 : 0);
    if (form_ == DeleteForm::v2) told_from_ = clock + len;
    return {clock, len};
  }

 private:
  Reader& in_;
  const DeleteForm form_;
  uint64_t told_from_ = 0;
};

// Reads a set. What is too much, and what becomes of it, is for the sink to say:
//   Status clients(uint64_t count)
//   Status client()                     reads the id
//   Status ranges(uint64_t count)       of that client
//   Status range(RangesOfClient::Range)
// Status::malformed, or what the sink says first.
template <class Sink>
Status read_delete_set(Reader& in, DeleteForm form, Sink&& sink) {
  const uint64_t clients = in.varuint();
  // A client takes two bytes at least, and so does a range.
  if (!in.ok() || clients > in.remaining() / 2) return Status::malformed;
  FRESHET_CHECK(sink.clients(clients));
  for (uint64_t i = 0; i < clients; ++i) {
    FRESHET_CHECK(sink.client());
    const uint64_t count = in.varuint();
    if (!in.ok() || count > in.remaining() / 2) return Status::malformed;
    FRESHET_CHECK(sink.ranges(count));
    RangesOfClient ranges(in, form);
    for (uint64_t j = 0; j < count; ++j) {
      const RangesOfClient::Range range = ranges.next();
      if (!in.ok()) return Status::malformed;
      FRESHET_CHECK(sink.range(range));
    }
  }
  return Status::ok;
}

// Clients are numbers of a table. In the order in which they were added until they are joined.
class DeleteSet {
 public:
  using Ranges = std::vector<DeletedRange>;

  void add(uint32_t client, uint32_t clock, uint32_t len) {
    ranges_.push_back({client, clock, len});
  }

  // Sorts the ranges and makes one of those that touch: by number of client, and by clock.
  void join();
  // The same in the order of the wire.
  void join(const ClientTable& clients);
  // Whether one of them holds all of that range. REQUIRES: join().
  bool contains(const DeletedRange& range) const;

  // REQUIRES: join(clients).
  template <class Out>
  void write(const ClientTable& clients, DeleteSetWriter<Out> out) const;

  const Ranges& ranges() const { return ranges_; }
  Ranges::const_iterator begin() const { return ranges_.begin(); }
  Ranges::const_iterator end() const { return ranges_.end(); }
  bool empty() const { return ranges_.empty(); }
  size_t size() const { return ranges_.size(); }
  size_t capacity() const { return ranges_.capacity(); }
  void clear() { ranges_.clear(); }

 private:
  // One past the last range of the client of `from`.
  static Ranges::const_iterator end_of_client(Ranges::const_iterator from,
                                              Ranges::const_iterator end) {
    return std::find_if(from, end, [&](const auto& range) { return range.client != from->client; });
  }

  Ranges ranges_;
};

template <class Out>
void DeleteSet::write(const ClientTable& clients, DeleteSetWriter<Out> out) const {
  size_t count = 0;
  for (auto at = begin(); at != end(); at = end_of_client(at, end())) ++count;
  out.clients(count);
  for (auto at = begin(); at != end();) {
    const auto last = end_of_client(at, end());
    out.client(clients.id(at->client), static_cast<size_t>(last - at));
    for (; at != last; ++at) out.range(at->clock, at->len);
  }
}

}  // namespace freshet::crdt
