#include "freshet/crdt/transaction.h"

#include <algorithm>
#include <exception>
#include <new>

#include "api/internals.h"
#include "edit/anchor.h"
#include "edit/edit.h"
#include "freshet/crdt/limits.h"
#include "values/kept_value.h"
#include "values/type_ref.h"

namespace freshet::crdt {

namespace {

// Whether all strings in there can be written, and about how many bytes it takes.
bool measure(const Content& content, size_t& bytes);

// Whether updates have a way to write it between characters.
bool sayable(const Content& embed) {
  return embed.value() == nullptr || !json_refuses(embed.value()->any());
}

bool measure(const Attributes& attributes, size_t& bytes) {
  for (const auto& [key, value] : attributes) {
    if (!valid_utf8(as_bytes(key)) || key.size() > kMaxKeyBytes) return false;
    if (json_refuses(value.any())) return false;
    bytes += key.size() + value.any().size() * 2;
  }
  return true;
}

bool measure(const std::vector<DeltaStep>& delta, size_t& bytes) {
  return std::all_of(delta.begin(), delta.end(), [&](const DeltaStep& step) {
    if (step.insert) {
      if (!valid_utf8(as_bytes(*step.insert))) return false;
      bytes += step.insert->size();
    }
    bytes += step.retain;  // at worst, all of it line ends; see apply_delta
    for (const Content& embed : step.embed) {
      if (!sayable(embed) || !measure(embed, bytes)) return false;
    }
    return measure(step.attributes, bytes);
  });
}

bool measure(const Content& content, size_t& bytes) {
  bytes += 16;
  if (const Value* value = content.value()) {
    bytes += value->any().size() * 2;
    return true;
  }
  if (const NewSubdocument* document = content.subdocument()) {
    bytes += document->guid.size() + document->meta.any().size();
    return valid_utf8(as_bytes(document->guid));
  }
  const NewType& type = *content.type();
  bytes += type.name.size();
  if (!valid_utf8(as_bytes(type.name)) || type.name.size() > kMaxKeyBytes) return false;
  for (const Content& child : type.children) {
    if (!measure(child, bytes)) return false;
  }
  for (const auto& [key, value] : type.entries) {
    bytes += key.size();
    if (!valid_utf8(as_bytes(key)) || key.size() > kMaxKeyBytes) return false;
    if (!measure(value, bytes)) return false;
  }
  return measure(type.delta, bytes);
}

bool measure(const std::vector<Content>& contents, size_t& bytes) {
  return std::all_of(contents.begin(), contents.end(),
                     [&](const Content& content) { return measure(content, bytes); });
}

// How much of what a delta retains is there for sure, in a text of this length.
uint64_t retained_within(const std::vector<DeltaStep>& delta, uint64_t length) {
  uint64_t retained = 0, removed = 0;
  for (const DeltaStep& step : delta) {
    retained += step.retain;
    removed += step.remove;
  }
  return std::min(retained, length - std::min(length, removed));
}

// The edits of one call. If memory cuts them short, the document is torn.
class Editing {
 public:
  Editing(Replica& replica, uint32_t client) : replica_(replica), edit_(replica.tree, client) {
    replica_.tear();
  }
  ~Editing() {
    if (std::uncaught_exceptions() == exceptions_) replica_.mend();
  }
  Editing(const Editing&) = delete;
  Editing& operator=(const Editing&) = delete;
  Edit* operator->() { return &edit_; }

 private:
  Replica& replica_;
  Edit edit_;
  const int exceptions_ = std::uncaught_exceptions();
};

}  // namespace

Transaction::Transaction(Doc& doc, uint64_t client, std::string_view origin, uint64_t now_ms)
    : replica_(Internals::of(doc)), client_(replica_.begin_edit(client, origin, now_ms)) {}

Transaction::~Transaction() {
  if (!open_ || replica_.torn()) return;
  try {
    replica_.withhold_edit(client_);
  } catch (const std::bad_alloc&) {
    replica_.tear();
  }
}

Result<bool> Transaction::commit(std::vector<uint8_t>& update) {
  if (!open_) return Status::conflict;
  if (replica_.torn()) return Status::internal;
  open_ = false;
  const size_t before = update.size();
  FRESHET_CHECK(replica_.end_edit(client_, update));
  return update.size() > before;
}

// `growth` is more than the bytes an edit can add.
Status Transaction::check(SharedType type, Use use, size_t growth) const {
  const Tree& tree = replica_.tree;
  if (!open_) return Status::conflict;
  if (replica_.torn()) return Status::internal;
  if (client_ == kNoClient) return Status::limit;
  const Type& what = tree.types[type.number_];
  if (what.item != kNil && tree.items[what.item].deleted) return Status::not_found;
  const uint8_t ref = what.ref;
  const bool is_text = ref == kTextType || ref == kXmlTextType;
  const bool is_list = ref == kArrayType || ref == kXmlElementType || ref == kXmlFragmentType;
  const bool fits = ref == Type::kUnknown || (use == Use::text   ? is_text
                                              : use == Use::list ? is_list
                                                                 : ref != kArrayType);
  if (!fits) return Status::unsupported;
  return room(growth, 0);
}

Status Transaction::room(size_t bytes, size_t roots) const {
  const Tree& tree = replica_.tree;
  if (client_ == kNoClient) return Status::limit;
  const Client& client = tree.clients[client_];
  const size_t values = client.values ? client.values->bytes() : 0;
  const bool full = bytes > kMaxUpdateBytes || tree.items.bound() + 3 * bytes > kMaxItems ||
                    client.next + bytes > kMaxClock ||
                    client.text.bytes() + bytes > kMaxTextBytesPerClient ||
                    values + bytes > kMaxValueBytesPerClient ||
                    (roots > 0 && tree.roots.size() + roots > kMaxRoots);
  return full ? Status::limit : Status::ok;
}

// ---- finding types ----------------------------------------------------------------------------

SharedType Transaction::root(std::string_view name) { return SharedType(replica_.tree.root(name)); }

std::optional<SharedType> Transaction::find_root(std::string_view name) const {
  const uint32_t type = replica_.tree.find_root(name);
  if (type == kNil) return std::nullopt;
  return SharedType(type);
}

std::optional<TypeKind> Transaction::kind(SharedType type) {
  const Type& what = replica_.tree.types[type.number_];
  switch (what.ref) {
    case kArrayType: return TypeKind::array;
    case kMapType: return TypeKind::map;
    case kTextType: return TypeKind::text;
    case kXmlElementType: return TypeKind::xml_element;
    case kXmlFragmentType: return TypeKind::xml_fragment;
    case kXmlHookType: return TypeKind::xml_hook;
    case kXmlTextType: return TypeKind::xml_text;
    default: return root_kind(type);
  }
}

// By the first thing in it that can be seen.
std::optional<TypeKind> Transaction::root_kind(SharedType root) {
  Tree& tree = replica_.tree;
  const Type& what = tree.types[root.number_];
  const uint32_t first =
      what.children == kNil ? kNil : tree.positions.find(tree, what.children, 0).item;
  if (first == kNil) {
    if (what.children != kNil || what.keys == kNil) return std::nullopt;
    return TypeKind::map;
  }
  const Item& item = tree.items[first];
  switch (item.kind()) {
    case Kind::string:
    case Kind::embed: return TypeKind::text;
    case Kind::type: break;
    default: return TypeKind::array;
  }
  const uint8_t ref = tree.types[item.content].ref;
  const bool node = ref == kXmlElementType || ref == kXmlTextType || ref == kXmlHookType;
  // A map, say, may be an element of an array or be embedded into a text.
  if (!node) return std::nullopt;
  return TypeKind::xml_fragment;
}

Result<SharedType> Transaction::type_in(uint32_t item) const {
  if (item == kNil) return Status::not_found;
  const Item& holder = replica_.tree.items[item];
  if (holder.deleted) return Status::not_found;
  if (holder.kind() != Kind::type) return Status::unsupported;
  return SharedType(holder.content);
}

Result<SharedType> Transaction::child(SharedType parent, uint64_t index) {
  Tree& tree = replica_.tree;
  const uint32_t list = tree.types[parent.number_].children;
  if (list == kNil) return Status::not_found;
  return type_in(tree.positions.find(tree, list, index).item);
}

Result<SharedType> Transaction::child(SharedType parent, std::string_view key) {
  const Tree& tree = replica_.tree;
  const uint32_t list = tree.find_keyed(parent.number_, key);
  return type_in(list == kNil ? kNil : tree.lists[list].tail);
}

uint64_t Transaction::length(SharedType type) {
  Tree& tree = replica_.tree;
  const uint32_t list = tree.types[type.number_].children;
  return list == kNil ? 0 : tree.positions.length(tree, list);
}

Status Transaction::relative_position(SharedType type, uint64_t index, int64_t assoc,
                                      std::vector<uint8_t>& out) {
  if (!open_) return Status::conflict;
  write_anchor(replica_.tree, type.number_, index, assoc, out);
  return Status::ok;
}

// ---- edits ------------------------------------------------------------------------------------

Status Transaction::insert(SharedType text, uint64_t index, std::string_view utf8) {
  if (!valid_utf8(as_bytes(utf8))) return Status::malformed;
  FRESHET_CHECK(check(text, Use::text, utf8.size() + 1));
  return Editing(replica_, client_)->insert_text(text.number_, index, utf8, nullptr);
}

Status Transaction::insert(SharedType text, uint64_t index, std::string_view utf8,
                           const Attributes& attributes) {
  size_t bytes = utf8.size() + 1;
  if (!valid_utf8(as_bytes(utf8)) || !measure(attributes, bytes)) return Status::malformed;
  FRESHET_CHECK(check(text, Use::text, bytes));
  return Editing(replica_, client_)->insert_text(text.number_, index, utf8, &attributes);
}

Status Transaction::insert_embed(SharedType text, uint64_t index, const Content& embed,
                                 const Attributes& attributes) {
  size_t bytes = 1;
  if (!sayable(embed) || !measure(embed, bytes) || !measure(attributes, bytes)) {
    return Status::malformed;
  }
  FRESHET_CHECK(check(text, Use::text, bytes));
  return Editing(replica_, client_)->insert_embed(text.number_, index, embed, attributes);
}

Status Transaction::remove_text(SharedType text, uint64_t index, uint64_t count) {
  FRESHET_CHECK(check(text, Use::text, 2));
  return Editing(replica_, client_)->remove_text(text.number_, index, count);
}

Status Transaction::format(SharedType text, uint64_t index, uint64_t count,
                           const Attributes& attributes) {
  size_t bytes = 2;
  if (!measure(attributes, bytes)) return Status::malformed;
  const uint64_t length = this->length(text);
  // Beyond the end, line ends are added.
  if (index < length && count > length - index) bytes += count - (length - index);
  FRESHET_CHECK(check(text, Use::text, bytes));
  return Editing(replica_, client_)->format(text.number_, index, count, attributes);
}

Status Transaction::apply_delta(SharedType text, const std::vector<DeltaStep>& delta) {
  size_t bytes = 2;
  if (!measure(delta, bytes)) return Status::malformed;
  bytes -= retained_within(delta, length(text));
  FRESHET_CHECK(check(text, Use::text, bytes));
  return Editing(replica_, client_)->apply_delta(text.number_, delta);
}

Status Transaction::insert(SharedType list, uint64_t index, const std::vector<Content>& contents) {
  size_t bytes = 1;
  if (!measure(contents, bytes)) return Status::malformed;
  FRESHET_CHECK(check(list, Use::list, bytes));
  return Editing(replica_, client_)->insert(list.number_, index, contents);
}

Status Transaction::push(SharedType list, const std::vector<Content>& contents) {
  size_t bytes = 1;
  if (!measure(contents, bytes)) return Status::malformed;
  FRESHET_CHECK(check(list, Use::list, bytes));
  Editing(replica_, client_)->push(list.number_, contents);
  return Status::ok;
}

Status Transaction::remove(SharedType list, uint64_t index, uint64_t count) {
  FRESHET_CHECK(check(list, Use::list, 2));
  return Editing(replica_, client_)->remove(list.number_, index, count);
}

Status Transaction::set(SharedType map, std::string_view key, const Content& content) {
  size_t bytes = key.size() + 1;
  if (!valid_utf8(as_bytes(key)) || key.size() > kMaxKeyBytes || !measure(content, bytes)) {
    return Status::malformed;
  }
  FRESHET_CHECK(check(map, Use::map, bytes));
  Editing(replica_, client_)->set(map.number_, key, content);
  return Status::ok;
}

Status Transaction::erase(SharedType map, std::string_view key) {
  FRESHET_CHECK(check(map, Use::map, 1));
  Editing(replica_, client_)->erase(map.number_, key);
  return Status::ok;
}

Status Transaction::clear(SharedType map) {
  FRESHET_CHECK(check(map, Use::map, 1));
  Editing(replica_, client_)->clear(map.number_);
  return Status::ok;
}

}  // namespace freshet::crdt
