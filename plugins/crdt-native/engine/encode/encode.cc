#include "encode/encode.h"
#include "format/update_v1.h"

#include <algorithm>

namespace freshet::crdt {

namespace {

uint8_t* put_id(const Tree& tree, Id id, uint8_t* at) {
  return put_varuint(put_varuint(at, tree.table.id(id.client)), id.clock);
}

void write_parent(const Tree& tree, const Item& item, Writer& out) {
  const List& list = tree.lists[item.list];
  const Type& type = tree.types[list.type];
  if (type.item == kNil) {
    out.varuint(1);
    out.string(tree.names[type.name]);
  } else {
    out.varuint(0);
    const Id holder = tree.items[type.item].id();
    out.varuint(tree.table.id(holder.client));
    out.varuint(holder.clock);
  }
  if (list.key != kNil) out.string(tree.names[list.key]);
}

// An embed or a format, whose value stands last.
void write_valued(const Tree& tree, const Item& item, ValueForm form, Writer& out) {
  const Bytes content = tree.values_of(item);
  if (form == ValueForm::kept || !tree.keeps_values) return out.raw(content);
  Reader in(content);
  if (item.kind() == Kind::format) out.string(in.string());
  const std::string_view kept = read_kept(in);
  out.string(is_kept_any(kept) ? json_of_kept(kept) : kept);
}

void write_content(const Tree& tree, const Item& item, uint32_t skip, ValueForm form,
                   std::vector<uint8_t>& bytes) {
  Writer out(bytes);
  switch (item.kind()) {
    case Kind::string: {
      const TextLog& text = tree.text_of(item);
      out.varuint(text.copied_bytes(item.content + skip, item.len - skip));
      return text.copy(item.content + skip, item.len - skip, bytes);
    }
    case Kind::type: {
      const Type& type = tree.types[item.content];
      out.varuint(type.ref);
      if (type.name != kNil) out.string(tree.names[type.name]);
      return;
    }
    case Kind::gc:
    case Kind::skip:
    case Kind::deleted: return out.varuint(item.len - skip);
    case Kind::embed:
    case Kind::format: return write_valued(tree, item, form, out);
    case Kind::any:
    case Kind::json: out.varuint(item.len - skip); [[fallthrough]];
    case Kind::binary:
    case Kind::doc: return out.raw(tree.values_of(item, skip));
  }
}

}  // namespace

void write_item(const Tree& tree, const Item& item, uint32_t skip, std::vector<uint8_t>& bytes,
                ValueForm form) {
  // All but a parent and the content, to be appended in one go: an info byte, two ids, a length.
  uint8_t head[1 + 2 * (8 + 5) + 5];
  uint8_t* at = head;
  if (item.kind() == Kind::gc) {
    *at++ = static_cast<uint8_t>(Kind::gc);
    at = put_varuint(at, item.len - skip);
    bytes.insert(bytes.end(), head, at);
    return;
  }
  const Id origin =
      skip > 0 ? Id{static_cast<uint32_t>(item.client), item.clock + skip - 1} : item.origin();
  const Id right = item.right_origin();
  uint8_t info = static_cast<uint8_t>(item.kind());
  if (origin) info |= kInfoOrigin;
  if (right) info |= kInfoRightOrigin;
  if (item.keyed) info |= kInfoKey;
  *at++ = info;
  if (origin) at = put_id(tree, origin, at);
  if (right) at = put_id(tree, right, at);
  if (item.kind() == Kind::string && (origin || right)) {
    const TextLog& text = tree.text_of(item);
    at = put_varuint(at, text.copied_bytes(item.content + skip, item.len - skip));
    bytes.insert(bytes.end(), head, at);
    return text.copy(item.content + skip, item.len - skip, bytes);
  }
  bytes.insert(bytes.end(), head, at);
  if (!origin && !right) {
    Writer out(bytes);
    write_parent(tree, item, out);
  }
  write_content(tree, item, skip, form, bytes);
}

namespace {

// Appends a chunk, from its cache if it has not changed since.
void write_chunk(const Tree& tree, Chunk& chunk, ValueForm form, std::vector<uint8_t>& bytes) {
  if (form == ValueForm::kept && tree.keeps_values) {
    for (uint32_t i = 0; i < chunk.count; ++i) {
      write_item(tree, tree.items[chunk.items()[i]], 0, bytes, form);
    }
    return;
  }
  if (!chunk.dirty) {
    bytes.insert(bytes.end(), chunk.encoded.begin(), chunk.encoded.end());
    return;
  }
  const auto start = static_cast<ptrdiff_t>(bytes.size());
  for (uint32_t i = 0; i < chunk.count; ++i) {
    write_item(tree, tree.items[chunk.items()[i]], 0, bytes);
  }
  // Just as large as it has to be.
  chunk.encoded = std::vector<uint8_t>(bytes.begin() + start, bytes.end());
  chunk.dirty = false;
}

void refresh(const Tree& tree, const Client& client, DeletedCache& cache) {
  if (!cache.dirty) return;
  cache.encoded.clear();
  cache.ranges = 0;
  Writer bytes(cache.encoded);
  DeleteSetWriter out(bytes, DeleteForm::v1);
  uint32_t from = 0, to = 0;
  const auto flush = [&] {
    if (from == to) return;
    out.range(from, to - from);
    ++cache.ranges;
  };
  for (const Chunk& chunk : client.index.chunks()) {
    for (uint32_t i = 0; i < chunk.count; ++i) {
      const Item& item = tree.items[chunk.items()[i]];
      if (!item.deleted) continue;
      if (item.clock != to) {
        flush();
        from = item.clock;
      }
      to = item.end();
    }
  }
  flush();
  cache.dirty = false;
}

// A parked struct, or a gap before one, as it follows in the encoding.
struct Piece {
  WireStruct item;
  uint32_t gap = 0;
  uint32_t skip = 0;
};

class StateWriter {
 public:
  StateWriter(Tree& tree, const Pending& pending, const StateVector& from, ValueForm form,
              std::vector<uint8_t>& bytes)
      : tree_(tree), pending_(pending), from_(from), form_(form), bytes_(bytes), out_(bytes) {}

  void run() {
    write_structs();
    write_deletes();
  }

 private:
  // What is parked of a client behind `clock`, in order and without overlaps.
  std::vector<Piece> pieces_of(uint32_t client, uint32_t clock, bool follows) const;
  bool has_parked(uint32_t client, uint32_t clock) const {
    return pending_.has_structs() && !pieces_of(client, clock, false).empty();
  }
  void write_structs();
  void write_block(uint32_t client);
  void write_items(uint32_t client, uint32_t clock);
  void write_deletes();

  Tree& tree_;
  const Pending& pending_;
  const StateVector& from_;
  const ValueForm form_;
  std::vector<uint8_t>& bytes_;
  Writer out_;
};

std::vector<Piece> StateWriter::pieces_of(uint32_t client, uint32_t clock, bool follows) const {
  std::vector<Piece> pieces;
  const auto& all = pending_.parked_structs();
  const auto end = all.lower_bound(id_key(client + 1, 0));
  for (auto it = all.lower_bound(id_key(client, 0)); it != end; ++it) {
    const uint32_t start = clock_of(it->first);
    if (start + it->second.len <= clock) continue;
    Piece piece;
    piece.item = reread_struct(it->second.wire, client, start, tree_.table);
    piece.skip = start < clock ? clock - start : 0;
    piece.gap = start > clock && (follows || !pieces.empty()) ? start - clock : 0;
    pieces.push_back(piece);
    clock = start + it->second.len;
  }
  return pieces;
}

void StateWriter::write_structs() {
  std::vector<uint32_t> blocks;
  for (uint32_t client = 0; client < tree_.clients.size(); ++client) {
    const uint32_t next = tree_.state(client);
    if (next > from_.of(client) || has_parked(client, std::max(next, from_.of(client)))) {
      blocks.push_back(client);
    }
  }
  tree_.table.put_in_order(blocks);
  out_.varuint(blocks.size());
  for (const uint32_t client : blocks) write_block(client);
}

void StateWriter::write_block(uint32_t client) {
  const uint32_t start = from_.of(client);
  const uint32_t next = tree_.state(client);
  const bool main = next > start;
  std::vector<Piece> pieces;
  if (pending_.has_structs()) pieces = pieces_of(client, std::max(next, start), main);

  const ClockIndex& index = tree_.clients[client].index;
  size_t count = pieces.size();
  for (const Piece& piece : pieces) count += piece.gap > 0 ? 1 : 0;
  if (main) count += index.count_from(index.find(start));
  out_.varuint(count);
  out_.varuint(tree_.table.id(client));
  out_.varuint(main ? start : pieces[0].item.clock + pieces[0].skip);
  if (main) write_items(client, start);
  for (const Piece& piece : pieces) {
    if (piece.gap > 0) {
      out_.u8(static_cast<uint8_t>(Kind::skip));
      out_.varuint(piece.gap);
    }
    write_struct(piece.item, piece.skip, tree_.table, out_, form_);
  }
}

void StateWriter::write_items(uint32_t client, uint32_t clock) {
  ClockIndex& index = tree_.clients[client].index;
  const Position at = index.find(clock);
  size_t number = at.chunk;
  Chunk& first = index.chunks()[number];
  const uint32_t skip = clock - first.clocks()[at.at];
  if (at.at > 0 || skip > 0) {
    for (uint32_t i = at.at; i < first.count; ++i) {
      write_item(tree_, tree_.items[first.items()[i]], i == at.at ? skip : 0, bytes_, form_);
    }
    ++number;
  }
  for (; number < index.chunks().size(); ++number) {
    write_chunk(tree_, index.chunks()[number], form_, bytes_);
  }
}

// Deletions carry no clock, so a state vector cannot tell which of them a peer has: all of them.
void StateWriter::write_deletes() {
  const ClockRanges& parked = pending_.parked_deletes();
  std::vector<uint32_t> clients;
  for (uint32_t client = 0; client < tree_.clients.size(); ++client) {
    const bool has_main = encoded_deletions(tree_, client) != nullptr;
    if (has_main || parked.names(client)) clients.push_back(client);
  }
  tree_.table.put_in_order(clients);
  DeleteSetWriter out(out_, DeleteForm::v1);
  out.clients(clients.size());
  for (const uint32_t client : clients) {
    const DeletedCache* main = encoded_deletions(tree_, client);
    out.client(tree_.table.id(client), (main ? main->ranges : 0) + parked.count(client));
    if (main) out_.raw(main->encoded);
    parked.each(client, [&](uint32_t from, uint32_t to) { out.range(from, to - from); });
  }
}

}  // namespace

const DeletedCache* encoded_deletions(Tree& tree, uint32_t client) {
  Client& holder = tree.clients[client];
  if (!holder.deletions) return nullptr;
  refresh(tree, holder, *holder.deletions);
  return holder.deletions->ranges > 0 ? holder.deletions.get() : nullptr;
}

static bool refused_by_v1(Kind kind, Bytes content) {
  Reader in(content);
  if (kind == Kind::format) in.string();
  return json_refuses_kept(read_kept(in));
}

bool refused_by_v1(const Tree& tree, const Item& item) {
  const bool valued = item.kind() == Kind::embed || item.kind() == Kind::format;
  return valued && refused_by_v1(item.kind(), tree.values_of(item));
}

Status check_v1(const Tree& tree, const Pending& pending) {
  if (!tree.refused_by_json) return Status::ok;
  for (const Client& client : tree.clients) {
    for (const Chunk& chunk : client.index.chunks()) {
      for (uint32_t i = 0; i < chunk.count; ++i) {
        if (refused_by_v1(tree, tree.items[chunk.items()[i]])) return Status::unsupported;
      }
    }
  }
  ClientTable table = tree.table;  // reading again names nobody new
  for (const auto& [key, parked] : pending.parked_structs()) {
    const WireStruct item = reread_struct(parked.wire, client_of(key), clock_of(key), table);
    const bool valued = item.kind == Kind::embed || item.kind == Kind::format;
    if (valued && refused_by_v1(item.kind, item.content())) return Status::unsupported;
  }
  return Status::ok;
}

StateVector state_of(const Tree& tree) {
  StateVector states;
  for (uint32_t client = 0; client < tree.clients.size(); ++client) {
    if (tree.state(client) > 0) states.set(client, tree.state(client));
  }
  return states;
}

void write_state(Tree& tree, const Pending& pending, const StateVector& from,
                 std::vector<uint8_t>& out, ValueForm form) {
  StateWriter(tree, pending, from, form, out).run();
}

}  // namespace freshet::crdt
