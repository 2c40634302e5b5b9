#include "freshet/crdt/subdocuments.h"

#include <algorithm>

#include "api/subdocument_log.h"
#include "freshet/codec.h"
#include "freshet/crdt/limits.h"
#include "replica/replica.h"
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
    size_t budget = kStoredLimits.values;
    skip_any(in, budget);
    const Bytes any = rest.first(rest.size() - in.remaining());
    if (key == "gc") document.collect_garbage = any[0] == kAnyUndefined || truthy(any);
    if (key == "autoLoad") document.auto_load = truthy(any);
    if (key == "meta" && any[0] != kAnyUndefined) document.meta = *Value::from_any(any);
    if (key == "guid" && any[0] == kAnyString) document.guid = Reader(any.subspan(1)).string();
  }
  return document;
}

}  // namespace

std::vector<Subdocument> subdocuments(const Doc& doc) {
  const Tree& tree = doc.internals().tree;
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

// ---- watching ---------------------------------------------------------------------------------

SubdocumentLog::SubdocumentLog(const Doc& doc, SubdocumentWatch::Notify notify)
    : tree_(doc.internals().tree), notify_(std::move(notify)) {
  for (const Subdocument& one : subdocuments(doc)) {
    if (one.auto_load) loaded_.emplace(one.client, one.clock);
  }
}

void SubdocumentLog::note(const Changes& changes, bool made_here) {
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
void SubdocumentLog::each(uint32_t client, uint32_t from, uint32_t to, Visit visit) const {
  if (from >= to) return;
  const ClockIndex& index = tree_.clients[client].index;
  Position at = index.find(from);
  do {
    const Item& item = tree_.items[index.item(at)];
    if (item.clock >= to) return;
    if (item.kind() == Kind::doc) visit(item);
  } while (index.next(at));
}

void SubdocumentLog::add(const Item& item, bool made_here) {
  Subdocument document = read(tree_, item);
  if (made_here || document.auto_load) {
    loaded_.emplace(document.client, document.clock);
    event_.loaded.push_back(document);
  }
  event_.added.push_back(std::move(document));
}

void SubdocumentLog::remove(const Item& item) {
  Subdocument document = read(tree_, item);
  loaded_.erase({document.client, document.clock});
  event_.removed.push_back(std::move(document));
}

void SubdocumentLog::tell() {
  if (event_.loaded.empty() && event_.added.empty() && event_.removed.empty()) return;
  notify_(std::exchange(event_, {}));
}

Status SubdocumentLog::load(uint64_t client, uint32_t clock) {
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

struct SubdocumentWatch::Log {
  Replica& replica;
  SubdocumentLog log;
};

SubdocumentWatch::SubdocumentWatch(Doc& doc, Notify notify)
    : log_(new Log{doc.replica(), SubdocumentLog(doc, std::move(notify))}) {
  doc.replica().subdocument_logs.push_back(&log_->log);
}

SubdocumentWatch::~SubdocumentWatch() { std::erase(log_->replica.subdocument_logs, &log_->log); }

Status SubdocumentWatch::load(uint64_t client, uint32_t clock) {
  return log_->log.load(client, clock);
}

}  // namespace freshet::crdt
