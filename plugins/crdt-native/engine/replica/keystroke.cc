#include "replica/keystroke.h"

#include "freshet/crdt/limits.h"

namespace freshet::crdt {

namespace {

// Reads an id of a client that was named lately; none for any other.
Id read_known_id(Reader& in, const ClientTable& clients) {
  const auto client = clients.written_at(in.rest());
  if (client.size == 0) return {};
  in.take(client.size);
  const uint64_t clock = in.varuint();
  if (clock >= kMaxClock) return {};
  return {client.number, static_cast<uint32_t>(clock)};
}

bool is_ascii_character(Bytes text) { return text.size() == 1 && text[0] < 0x80; }

// A short text and, behind it, no deletions. Nothing if there is anything else.
Bytes short_text_at_end(Bytes rest) {
  if (rest.size() < 3 || rest[0] >= 0x80 || rest.size() != rest[0] + size_t{2}) return {};
  if (rest.back() != 0) return {};
  const Bytes text = rest.subspan(1, rest[0]);
  return is_ascii_character(text) || valid_utf8(text) ? text : Bytes{};
}

// Whether it can go in as it is. What is not here, known already, or too much for the document, is
// for the general way to judge.
bool fits_and_follows(const Tree& tree, const WireStruct& item, size_t bytes) {
  if (tree.clients.size() != tree.table.size() || tree.items.bound() + 3 > kMaxItems) return false;
  const Client& client = tree.clients[item.client];
  return item.clock == client.next && item.len <= kMaxClock - item.clock &&
         client.text.bytes() + bytes + kMaxStoredPendingBytes <= kMaxTextBytesPerClient &&
         !tree.missing(item);
}

}  // namespace

uint32_t take_keystroke(Tree& tree, Bytes update) {
  Reader in(update);
  if (in.u8() != 1 || in.u8() != 1) return kNoClient;
  WireStruct item;
  const Id id = read_known_id(in, tree.table);
  item.at = in.rest().data();
  item.info = in.u8();
  item.kind = Kind::string;
  constexpr uint8_t kText = kInfoOrigin | static_cast<uint8_t>(Kind::string);
  const bool has_right = item.info == (kText | kInfoRightOrigin);
  if (!id || (item.info != kText && !has_right)) return kNoClient;
  const Id origin = read_known_id(in, tree.table);
  const Id right_origin = has_right ? read_known_id(in, tree.table) : Id{};
  const Bytes text = short_text_at_end(in.rest());
  if (text.empty() || !in.ok() || !in.shortest() || !origin || (has_right && !right_origin)) {
    return kNoClient;
  }
  item.client = id.client;
  item.clock = id.clock;
  item.len = is_ascii_character(text) ? 1 : static_cast<uint32_t>(utf16_length(text));
  item.body = static_cast<uint32_t>(text.data() - item.at);
  item.size = item.body + static_cast<uint32_t>(text.size());
  item.set_ids(origin, right_origin);
  if (!fits_and_follows(tree, item, update.size())) return kNoClient;
  tree.integrate(item);
  return item.client;
}

}  // namespace freshet::crdt
