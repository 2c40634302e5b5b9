#include "freshet/crdt/subdocuments.h"

#include <algorithm>
#include <set>
#include <utility>

#include "api/internals.h"
#include "freshet/crdt/limits.h"
#include "freshet/format/codec.h"
#include "values/values.h"

namespace freshet::crdt {

namespace {

// As JavaScript takes a value for a condition.
bool truthy(Bytes any) {
  Reader in(any);
  const uint8_t tag = in.u8();
  switch (tag) {
    case kAnyUndefined:
    case kAnyNull:
    case kAnyFalse: return false;
    case kAnyInteger: return in.varint().magnitude != 0;
    case kAnyFloat32:
    case kAnyFloat64: {
      const double value = any_float(in, tag);
      return value < 0 || value > 0;
    }
    case kAnyInt64: {
      for (const uint8_t byte : in.take(8)) {
        if (byte != 0) return true;
      }
      return false;
    }
    case kAnyString: return !in.string().empty();
    default: return true;
  }
}

// REQUIRES: content that was checked when it came in. Yjs lets an option `guid` win over the guid.
Subdocument read(const Tree& tree, const Item& item) {
  Subdocument document;
  document.client = tree.table.id(static_cast<uint32_t>(item.client));
  document.clock = item.clock;
  Reader in(tree.values_of(item));
  document.guid = in.string();
  in.u8();  // an object, always
  for (uint64_t left = in.varuint(); left > 0; --left) {
    const std::string_view key = in.string();
    const Bytes rest = in.rest();
    size_t budget = kMaxStoredUpdateBytes;
    skip_any(in, budget);
    const Bytes any = rest.first(rest.size() - in.remaining());
    if (key == "gc") document.collect_garbage = any[0] == kAnyUndefined || truthy(any);
    if (key == "autoLoad") document.auto_load = truthy(any);
    if (key == "meta" && any[0] != kAnyUndefined) document.meta = *Value::from_any(any);
    if (key == "guid" && any[0] == kAnyString) document.guid = Reader(any.subspan(1)).string();
  }
  return document;
}

std::vector<Subdocument> all_in(const Tree& tree) {
  std::vector<Subdocument> documents;
  for (uint32_t number = 0; number < tree.clients.size(); ++number) {
    for (const Chunk& chunk : tree.clients[number].index.chunks()) {
      for (uint32_t i = 0; i < chunk.count; ++i) {
        const Item& item = tree.items[chunk.items()[i]];
        if (item.kind() != Kind::doc || item.deleted) continue;
        documents.push_back(read(tree, item));
      }
    }
  }
  return documents;
}

}  // namespace

std::vector<Subdocument> subdocuments(const Doc& doc) { return all_in(Internals::of(doc).tree); }

// ---- watching ---------------------------------------------------------------------------------

// What a watch notes while a transaction ends, and tells when it is over.
class SubdocumentWatch::Log final : public ReplicaObserver {
 public:
  Log(Replica& replica, Notify notify) : replica_(replica), notify_(std::move(notify)) {
    for (const Subdocument& one : all_in(tree_)) {
      if (one.auto_load) loaded_.emplace(one.client, one.clock);
    }
    replica_.observe(*this);
  }
  ~Log() override { replica_.ignore(*this); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void note(const Changes& changes, const Occasion& occasion) override;
  void tell() override;
  Status load(uint64_t client, uint32_t clock);

 private:
  template <class Visit>
  void each(uint32_t client, uint32_t from, uint32_t to, Visit visit) const;
  void add(const Item& item, bool made_here);
  void remove(const Item& item);

  Replica& replica_;
  const Tree& tree_ = replica_.tree;
  const Notify notify_;
  SubdocumentEvent event_;
  std::set<std::pair<uint64_t, uint32_t>> loaded_;  // of those that are there
};

void SubdocumentWatch::Log::note(const Changes& changes, const Occasion& occasion) {
  const bool made_here = occasion.maker == Maker::edit;
  for (const Changes::Growth& growth : changes.grown) {
    each(growth.client, growth.before, tree_.state(growth.client), [&](const Item& item) {
      if (!item.deleted) add(item, made_here);
    });
  }
  for (const DeletedRange& range : changes.deleted) {
    const auto grown = std::find_if(changes.grown.begin(), changes.grown.end(),
                                    [&](const auto& one) { return one.client == range.client; });
    const uint32_t end = range.clock + range.len;
    const uint32_t known = grown == changes.grown.end() ? end : std::min(end, grown->before);
    each(range.client, range.clock, known, [&](const Item& item) { remove(item); });
  }
}

// Visits the documents among the units [from, to) of a client.
template <class Visit>
void SubdocumentWatch::Log::each(uint32_t client, uint32_t from, uint32_t to, Visit visit) const {
  if (from >= to) return;
  const ClockIndex& index = tree_.clients[client].index;
  Position at = index.find(from);
  do {
    const Item& item = tree_.items[index.item(at)];
    if (item.clock >= to) return;
    if (item.kind() == Kind::doc) visit(item);
  } while (index.next(at));
}

void SubdocumentWatch::Log::add(const Item& item, bool made_here) {
  Subdocument document = read(tree_, item);
  if (made_here || document.auto_load) {
    loaded_.emplace(document.client, document.clock);
    event_.loaded.push_back(document);
  }
  event_.added.push_back(std::move(document));
}

void SubdocumentWatch::Log::remove(const Item& item) {
  Subdocument document = read(tree_, item);
  loaded_.erase({document.client, document.clock});
  event_.removed.push_back(std::move(document));
}

void SubdocumentWatch::Log::tell() {
  if (event_.loaded.empty() && event_.added.empty() && event_.removed.empty()) return;
  notify_(std::exchange(event_, {}));
}

Status SubdocumentWatch::Log::load(uint64_t client, uint32_t clock) {
  if (tree_.held()) return Status::conflict;
  const uint32_t number = tree_.table.find(client);
  if (number == kNoClient || clock >= tree_.state(number)) return Status::not_found;
  const Item& item = tree_.item_at({number, clock});
  if (item.kind() != Kind::doc || item.deleted) return Status::not_found;
  if (!loaded_.emplace(client, clock).second) return Status::ok;
  event_.loaded.push_back(read(tree_, item));
  tell();
  return Status::ok;
}

SubdocumentWatch::SubdocumentWatch(Doc& doc, Notify notify)
    : log_(std::make_unique<Log>(Internals::of(doc), std::move(notify))) {}

SubdocumentWatch::~SubdocumentWatch() = default;

Status SubdocumentWatch::load(uint64_t client, uint32_t clock) { return log_->load(client, clock); }

}  // namespace freshet::crdt
