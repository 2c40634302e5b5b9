#include "format/squash.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "format/update_v1.h"
#include "freshet/crdt/limits.h"

namespace freshet::crdt {

namespace {

// A struct takes two bytes at least, so does a range, a section and a client's ranges more, and a
// value one.
static_assert(kMaxSquashedBytes <= kMaxUpdateBytes);
static_assert(kMaxSquashedBytes / 2 <= kMaxStructsPerUpdate);
static_assert(kMaxSquashedBytes / 2 <= kMaxRangesPerUpdate);
static_assert(kMaxSquashedBytes / 4 <= kMaxClientsPerUpdate);
static_assert(kMaxSquashedBytes <= kMaxValuesPerUpdate);
static_assert(kMaxSquashedBytes <= kMaxClients);

using Structs = std::vector<WireStruct>;
using At = Structs::const_iterator;

// Whether the two are one where they come in one after the other, as Seams::can_join has it: cut
// again they are what they were. That their parents are the same follows from the origin.
// REQUIRES: the client and clock are those that follow.
bool joins(const WireStruct& left, const WireStruct& right) {
  if (left.kind != right.kind) return false;
  if (left.kind == Kind::gc) return true;
  if (!is_run(left.kind)) return false;
  // The value of a key ends the one before, and is no second unit of it. Where bytes were written
  // anew the bit may be missing; then it is the deletion beside them that ends the first.
  const bool keyed = ((left.info | right.info) & kInfoKey) != 0;
  if (keyed && left.kind != Kind::deleted) return false;
  return right.origin() == Id{left.client, left.end() - 1} &&
         right.right_origin() == left.right_origin();
}

// What a run says first of its content, and so how much there is.
size_t count_of(const WireStruct& item) {
  return item.kind == Kind::string ? item.content().size() : item.len;
}

// The first of them with the contents of all.
void write_joined(std::span<const WireStruct> run, Writer& out) {
  const WireStruct& first = run.front();
  const bool only_counted = first.kind == Kind::gc || first.kind == Kind::deleted;
  size_t count = 0;
  for (const WireStruct& item : run) count += count_of(item);
  out.raw({first.at, first.body - (only_counted ? 0 : varuint_size(count_of(first)))});
  out.varuint(count);
  if (only_counted) return;
  for (const WireStruct& item : run) out.raw(item.content());
}

// Structs that are joined until one cannot be. Returns that one.
At write_run(At at, At end, Writer& out) {
  At next = at + 1;
  while (next != end && joins(next[-1], *next)) ++next;
  if (next == at + 1) {
    out.raw({at->at, at->size});
  } else {
    write_joined({at, next}, out);
  }
  return next;
}

// All of one client. Returns the first of another one.
At write_section(At at, At end, const ClientTable& clients, Writer& out) {
  size_t runs = 1;
  At next = at + 1;
  for (; next != end && next->client == at->client; ++next) {
    if (!joins(next[-1], *next)) ++runs;
  }
  out.varuint(runs);
  out.varuint(clients.id(at->client));
  out.varuint(at->clock);
  while (at != next) at = write_run(at, next, out);
  return next;
}

class Squash {
 public:
  Status read(std::span<const Bytes> updates);
  bool canonical() const { return all_.canonical; }
  // Makes the structs follow one another as they are written. Status::unsupported: they do not.
  Status put_in_order();
  void write(std::vector<uint8_t>& out);

 private:
  void sort();

  ClientTable clients_{seed_for(this)};
  Update all_;
  size_t bytes_ = 0;
  size_t sections_ = 0;  // of the result
};

Status Squash::read(std::span<const Bytes> updates) {
  for (const Bytes update : updates) {
    if (update.size() > kMaxSquashedBytes - bytes_) return Status::unsupported;
    bytes_ += update.size();
  }
  // Most have one struct.
  all_.structs.reserve(updates.size());
  all_.sections.reserve(updates.size());
  for (const Bytes update : updates) FRESHET_CHECK(decode_behind(update, clients_, all_));
  return Status::ok;
}

void Squash::sort() {
  const auto clock = [this](const Section& section) { return all_.structs[section.begin].clock; };
  const auto before = [&](const Section& a, const Section& b) {
    return a.client != b.client ? clients_.precedes(a.client, b.client) : clock(a) < clock(b);
  };
  if (std::is_sorted(all_.sections.begin(), all_.sections.end(), before)) return;
  std::sort(all_.sections.begin(), all_.sections.end(), before);
  Structs sorted;
  sorted.reserve(all_.structs.size());
  for (const Section& section : all_.sections) {
    sorted.insert(sorted.end(), all_.structs.begin() + section.begin,
                  all_.structs.begin() + section.end);
  }
  all_.structs = std::move(sorted);
}

Status Squash::put_in_order() {
  if (all_.gappy) return Status::unsupported;
  sort();
  const WireStruct* last = nullptr;
  for (const WireStruct& item : all_.structs) {
    if (last == nullptr || last->client != item.client) {
      ++sections_;
    } else if (item.clock != last->end()) {
      return Status::unsupported;
    }
    last = &item;
  }
  return Status::ok;
}

// What is joined is never longer than its parts, so that memory cannot run out half way.
void Squash::write(std::vector<uint8_t>& out) {
  static constexpr size_t kEmpty = 2;
  out.reserve(out.size() + std::max(bytes_, kEmpty));
  Writer writer(out);
  writer.varuint(sections_);
  const At end = all_.structs.end();
  for (At at = all_.structs.begin(); at != end;) at = write_section(at, end, clients_, writer);
  all_.deletes.join(clients_);
  all_.deletes.write(clients_, DeleteSetWriter(writer, DeleteForm::v1));
}

// Contents are copied as they stand, so what is not canonical is written anew first.
Status squash_rewritten(std::span<const Bytes> updates, std::vector<uint8_t>& out) {
  std::vector<std::vector<uint8_t>> rewritten(updates.size());
  for (size_t i = 0; i < updates.size(); ++i) {
    ClientTable clients(seed_for(&rewritten));
    Update update;
    FRESHET_CHECK(decode_update(updates[i], clients, update));
    write_update(update, clients, rewritten[i]);
  }
  Squash parts;
  FRESHET_CHECK(parts.read(std::vector<Bytes>(rewritten.begin(), rewritten.end())));
  assert(parts.canonical());
  FRESHET_CHECK(parts.put_in_order());
  parts.write(out);
  return Status::ok;
}

}  // namespace

Status squash(std::span<const Bytes> updates, std::vector<uint8_t>& out) {
  Squash parts;
  FRESHET_CHECK(parts.read(updates));
  if (!parts.canonical()) return squash_rewritten(updates, out);
  FRESHET_CHECK(parts.put_in_order());
  parts.write(out);
  return Status::ok;
}

}  // namespace freshet::crdt
