#include "edit/edit.h"

#include "values/type_ref.h"
#include "values/values.h"

namespace freshet::crdt {

namespace {

constexpr uint8_t kRefs[] = {kArrayType,       kMapType,     kTextType,   kXmlElementType,
                             kXmlFragmentType, kXmlHookType, kXmlTextType};

std::vector<uint8_t> type_bytes(const NewType& type) {
  std::vector<uint8_t> bytes;
  Writer out(bytes);
  out.varuint(kRefs[static_cast<size_t>(type.kind)]);
  if (type.kind == TypeKind::xml_element || type.kind == TypeKind::xml_hook) out.string(type.name);
  return bytes;
}

std::vector<uint8_t> subdocument_bytes(const NewSubdocument& document) {
  std::vector<std::pair<std::string, Value>> options;
  if (!document.collect_garbage) options.emplace_back("gc", false);
  if (document.auto_load) options.emplace_back("autoLoad", true);
  if (document.meta.any()[0] != kAnyNull && document.meta.any()[0] != kAnyUndefined) {
    options.emplace_back("meta", document.meta);
  }
  std::vector<uint8_t> bytes;
  Writer out(bytes);
  out.string(document.guid);
  out.raw(Value::object(options).any());
  return bytes;
}

}  // namespace

Edit::Piece Edit::piece_of(const Content& content) {
  if (const NewType* type = content.type()) {
    return {Kind::type, 1, type_bytes(*type), type};
  }
  if (const NewSubdocument* document = content.subdocument()) {
    return {Kind::doc, 1, subdocument_bytes(*document)};
  }
  const Bytes any = content.value()->any();
  // Bytes of their own are stored as such, without the tag.
  if (any[0] == kAnyBytes) return {Kind::binary, 1, {any.begin() + 1, any.end()}};
  return {Kind::any, 1, {any.begin(), any.end()}};
}

uint32_t Edit::put(Place place, const Piece& piece) {
  const uint32_t index = tree_.insert(client_, place, piece.kind, piece.len, piece.bytes);
  if (piece.type != nullptr) fill(tree_.items[index].content, *piece.type);
  return index;
}

// What a new type begins with comes right behind its own item.
void Edit::fill(uint32_t type, const NewType& from) {
  if (!from.children.empty()) insert_behind(tree_.children_of(type), kNil, from.children);
  for (const auto& [key, content] : from.entries) set(type, key, content);
  if (!from.delta.empty()) (void)apply_delta(type, from.delta);
}

// ---- lists ------------------------------------------------------------------------------------

bool Edit::left_of(uint32_t list, uint64_t index, uint32_t& left) {
  left = kNil;
  if (index == 0) return true;
  const Positions::Found found = tree_.positions.find(tree_, list, index - 1);
  if (found.item == kNil) return false;
  if (found.offset + 1 < tree_.items[found.item].len) {
    tree_.split_item(found.item, found.offset + 1);
  }
  left = found.item;
  return true;
}

// Consecutive plain values share an item. All have the same right neighbour.
void Edit::insert_behind(uint32_t list, uint32_t left, const std::vector<Content>& contents) {
  const uint32_t right = left == kNil ? tree_.lists[list].head : tree_.items[left].right;
  Piece run{Kind::any, 0, {}};
  const auto flush = [&] {
    if (run.len > 0) left = put({list, left, right}, run);
    run = {Kind::any, 0, {}};
  };
  for (const Content& content : contents) {
    Piece piece = piece_of(content);
    if (piece.kind == Kind::any) {
      ++run.len;
      run.bytes.insert(run.bytes.end(), piece.bytes.begin(), piece.bytes.end());
      continue;
    }
    flush();
    left = put({list, left, right}, piece);
  }
  flush();
}

Status Edit::insert(uint32_t type, uint64_t index, const std::vector<Content>& contents) {
  const uint32_t list = tree_.children_of(type);
  uint32_t left;
  if (!left_of(list, index, left)) return Status::not_found;
  insert_behind(list, left, contents);
  return Status::ok;
}

void Edit::push(uint32_t type, const std::vector<Content>& contents) {
  const uint32_t list = tree_.children_of(type);
  const uint8_t ref = tree_.types[type].ref;
  uint32_t left = tree_.positions.last(tree_, list);
  // Yjs pushes to an array behind all there is, to XML behind what is visible.
  if (ref == kXmlElementType || ref == kXmlFragmentType) {
    (void)left_of(list, tree_.positions.length(tree_, list), left);
  }
  insert_behind(list, left, contents);
}

Status Edit::remove(uint32_t type, uint64_t index, uint64_t count) {
  const uint32_t list = tree_.children_of(type);
  const uint64_t length = tree_.positions.length(tree_, list);
  if (index > length || count > length - index) return Status::not_found;
  if (count == 0) return Status::ok;
  const Positions::Found found = tree_.positions.find(tree_, list, index);
  for (uint32_t at = tree_.split_item(found.item, found.offset); count > 0;
       at = tree_.items[at].right) {
    if (tree_.items[at].deleted) continue;
    if (count < tree_.items[at].len) tree_.split_item(at, static_cast<uint32_t>(count));
    count -= tree_.items[at].len;
    tree_.remove_item(at);
  }
  return Status::ok;
}

// ---- maps -------------------------------------------------------------------------------------

void Edit::set(uint32_t type, std::string_view key, const Content& content) {
  const uint32_t list = tree_.keyed_list(type, tree_.names.intern(key));
  put({list, tree_.lists[list].tail, kNil}, piece_of(content));
}

void Edit::erase(uint32_t type, std::string_view key) {
  const uint32_t list = tree_.find_keyed(type, key);
  if (list != kNil && tree_.lists[list].tail != kNil) tree_.remove_item(tree_.lists[list].tail);
}

void Edit::clear(uint32_t type) {
  for (uint32_t list = tree_.types[type].keys; list != kNil; list = tree_.lists[list].next) {
    if (tree_.lists[list].tail != kNil) tree_.remove_item(tree_.lists[list].tail);
  }
}

}  // namespace freshet::crdt
