#include "freshet/crdt/subdocuments.h"

#include "freshet/codec.h"
#include "freshet/crdt/limits.h"
#include "replica.h"
#include "values.h"

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
Subdocument read(Bytes content) {
  Subdocument document;
  Reader in(content);
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
        documents.push_back(read(tree.values_of(item)));
        documents.back().client = tree.table.id(number);
        documents.back().clock = item.clock;
      }
    }
  }
  return documents;
}

}  // namespace freshet::crdt
