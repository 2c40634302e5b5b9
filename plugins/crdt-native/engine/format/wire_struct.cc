#include "format/wire_struct.h"

#include "freshet/crdt/limits.h"
#include "items/text_log.h"
#include "values/values.h"

namespace freshet::crdt {

ParentName parent_name(const WireStruct& item) {
  Reader in({item.at + 1, item.at + item.body});
  ParentName name;
  if (in.varuint() == 1) {
    name.root = in.string();
  } else {
    in.varuint();
    in.varuint();
  }
  name.has_key = (item.info & kInfoKey) != 0;
  if (name.has_key) name.key = in.string();
  return name;
}

namespace {

void write_text(Bytes text, uint32_t skip, Writer& out) {
  static constexpr uint8_t kReplacement[] = {0xef, 0xbf, 0xbd};
  const Utf16Place place = utf16_place(text, skip);
  const Bytes tail = text.subspan(place.byte + (place.inside ? 4 : 0));
  out.varuint(tail.size() + (place.inside ? sizeof(kReplacement) : 0));
  if (place.inside) out.raw(kReplacement);
  out.raw(tail);
}

void write_value(std::string_view kept, ValueForm form, Writer& out) {
  out.string(form == ValueForm::json && is_kept_any(kept) ? json_of_kept(kept) : kept);
}

// The content from its `skip`th unit on, with every number in it as short as it goes.
void write_content(const WireStruct& item, uint32_t skip, ValueForm form, Writer& out) {
  Reader in(item.content());
  switch (item.kind) {
    case Kind::gc:
    case Kind::skip:
    case Kind::deleted: return out.varuint(item.len - skip);
    case Kind::string: return write_text(item.content(), skip, out);
    case Kind::binary: return out.bytes(in.bytes());
    case Kind::embed: return write_value(read_kept(in), form, out);
    case Kind::format: out.bytes(in.bytes()); return write_value(read_kept(in), form, out);
    case Kind::type:
      out.varuint(in.varuint());
      if (!in.at_end()) out.bytes(in.bytes());
      return;
    case Kind::doc: out.bytes(in.bytes()); return copy_any(in, out);
    case Kind::json:
    case Kind::any: {
      size_t budget = kMaxStoredUpdateBytes;
      out.varuint(item.len - skip);
      for (uint32_t i = 0; i < item.len; ++i) {
        if (item.kind == Kind::json) {
          const Bytes text = in.bytes();
          if (i >= skip) out.bytes(text);
        } else if (i < skip) {
          skip_any(in, budget);
        } else {
          copy_any(in, out);
        }
      }
    }
  }
}

}  // namespace

void write_struct(const WireStruct& item, uint32_t skip, const ClientTable& clients, Writer& out,
                  ValueForm form) {
  if (!item.is_item()) {
    out.u8(static_cast<uint8_t>(item.kind));
    return out.varuint(item.len - skip);
  }
  const Id origin = skip > 0 ? Id{item.client, item.clock + skip - 1} : item.origin();
  const Id right = item.right_origin();
  const bool names_parent = !origin && !right;
  uint8_t info = static_cast<uint8_t>(item.kind);
  if (origin) info |= kInfoOrigin;
  if (right) info |= kInfoRightOrigin;
  // Without a key on the wire the bit says nothing; functions on bytes leave it out.
  if (names_parent) info |= item.info & kInfoKey;
  out.u8(info);
  for (const Id id : {origin, right}) {
    if (!id) continue;
    out.varuint(clients.id(id.client));
    out.varuint(id.clock);
  }
  if (names_parent) {
    const ParentName name = parent_name(item);
    out.varuint(item.parent_item ? 0 : 1);
    if (item.parent_item) {
      out.varuint(clients.id(item.origin_client));
      out.varuint(item.origin_clock);
    } else {
      out.string(name.root);
    }
    if (name.has_key) out.string(name.key);
  }
  write_content(item, skip, form, out);
}

}  // namespace freshet::crdt
