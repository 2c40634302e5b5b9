#include "random_peer.h"

#include "api/internals.h"
#include "freshet/format/codec.h"

namespace freshet::crdt {

namespace {

const char* const kTexts[] = {
    "a", "hello", "плюс", "😀", "x😀y", "漢字 😎 end", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80"};

void put_any(Writer& out, uint32_t choice) {
  switch (choice % 5) {
    case 0: out.u8(126); return;
    case 1: out.u8(125); return out.varint({choice, (choice & 1) != 0});
    case 2: out.u8(119); return out.string("value");
    case 3:
      out.u8(117);
      out.varuint(2);
      out.u8(120);
      return out.u8(121);
    default:
      out.u8(118);
      out.varuint(1);
      out.string("key");
      return out.u8(127);
  }
}

void put_id(Writer& out, const Tree& tree, Id id) {
  out.varuint(tree.table.id(id.client));
  out.varuint(id.clock);
}

}  // namespace

uint64_t RandomPeer::clock() const {
  const Tree& tree = Internals::of(doc_).tree;
  const uint32_t number = tree.table.find(client_);
  return number == kNoClient ? 0 : tree.state(number);
}

Buffer RandomPeer::one_struct(const Buffer& body) {
  Buffer update;
  Writer out(update);
  for (const uint64_t number : {uint64_t{1}, uint64_t{1}, client_, clock()}) out.varuint(number);
  out.raw(body);
  out.u8(0);
  return update;
}

// Between two neighbouring units of a random list, tombstones included.
Buffer RandomPeer::insert(bool text) {
  const Tree& tree = Internals::of(doc_).tree;
  std::vector<uint32_t> lists;
  for (uint32_t i = 0; i < tree.lists.size(); ++i) {
    if (tree.lists[i].type != kNil && tree.lists[i].key == kNil) lists.push_back(i);
  }
  Id left, right;
  if (!lists.empty() && below(10) > 0) {
    const List& list = tree.lists[lists[below(static_cast<uint32_t>(lists.size()))]];
    std::vector<uint32_t> items;
    for (uint32_t at = list.head; at != kNil; at = tree.items[at].right) items.push_back(at);
    if (!items.empty()) {
      const Item& item = tree.items[items[below(static_cast<uint32_t>(items.size()))]];
      const uint32_t cut = below(item.len + 1);
      const auto client = static_cast<uint32_t>(item.client);
      left = cut > 0             ? Id{client, item.clock + cut - 1}
             : item.left == kNil ? Id{}
                                 : tree.items[item.left].last_id();
      right = cut < item.len       ? Id{client, item.clock + cut}
              : item.right == kNil ? Id{}
                                   : tree.items[item.right].id();
    }
  }
  const Kind kind = text ? Kind::string : below(6) == 0 ? Kind::type : Kind::any;
  Buffer body;
  Writer out(body);
  out.u8(static_cast<uint8_t>(static_cast<uint8_t>(kind) | (left ? kInfoOrigin : 0) |
                              (right ? kInfoRightOrigin : 0)));
  if (left) put_id(out, tree, left);
  if (right) put_id(out, tree, right);
  if (!left && !right) {
    out.varuint(1);
    out.string(below(2) == 0 ? "t" : "l");
  }
  if (kind == Kind::string) {
    out.string(kTexts[below(std::size(kTexts))]);
  } else if (kind == Kind::type) {
    out.varuint(below(3));
  } else {
    const uint32_t count = 1 + below(4);
    out.varuint(count);
    for (uint32_t i = 0; i < count; ++i) put_any(out, below(100));
  }
  return one_struct(body);
}

// A key of the root map or of a nested type.
Buffer RandomPeer::set() {
  const Tree& tree = Internals::of(doc_).tree;
  const std::string key(1, static_cast<char>('a' + below(3)));
  std::vector<uint32_t> types;
  for (uint32_t i = 0; i < tree.types.size(); ++i) {
    if (tree.types[i].item != kNil) types.push_back(i);
  }
  const bool nested = !types.empty() && below(2) == 0;
  const uint32_t type =
      nested ? types[below(static_cast<uint32_t>(types.size()))] : tree.find_root("m");
  Id left;
  for (uint32_t list = type == kNil ? kNil : tree.types[type].keys; list != kNil;
       list = tree.lists[list].next) {
    if (tree.names[tree.lists[list].key] != key || tree.lists[list].tail == kNil) continue;
    left = tree.items[tree.lists[list].tail].last_id();
  }
  const bool holds_type = below(3) == 0;
  Buffer body;
  Writer out(body);
  out.u8(static_cast<uint8_t>(static_cast<uint8_t>(holds_type ? Kind::type : Kind::any) | kInfoKey |
                              (left ? kInfoOrigin : 0)));
  if (left) {
    put_id(out, tree, left);
  } else {
    out.varuint(nested ? 0 : 1);
    if (nested) {
      put_id(out, tree, tree.items[tree.types[type].item].id());
    } else {
      out.string("m");
    }
    out.string(key);
  }
  out.varuint(1);  // one value, or a map
  if (!holds_type) put_any(out, below(100));
  return one_struct(body);
}

Buffer RandomPeer::remove() {
  const Tree& tree = Internals::of(doc_).tree;
  std::vector<uint32_t> known;
  for (uint32_t i = 0; i < tree.clients.size(); ++i) {
    if (tree.state(i) > 0) known.push_back(i);
  }
  Buffer update;
  Writer out(update);
  out.u8(0);
  if (known.empty()) return out.u8(0), update;
  const uint32_t client = known[below(static_cast<uint32_t>(known.size()))];
  const uint32_t from = below(tree.state(client));
  out.u8(1);
  out.varuint(tree.table.id(client));
  out.varuint(1);
  out.varuint(from);
  out.varuint(1 + below(std::min(tree.state(client) - from, 6u)));
  return update;
}

Buffer RandomPeer::edit() {
  const uint32_t choice = below(10);
  const Buffer update = choice < 3 ? remove() : choice < 5 ? set() : insert(choice < 8);
  receive(update);
  return update;
}

void RandomPeer::receive(const Buffer& update) {
  happy_ = doc_.apply(update).status() == Status::ok && happy_;
}

}  // namespace freshet::crdt
