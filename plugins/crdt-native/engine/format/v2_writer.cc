#include "format/v2_writer.h"

#include "values/kept_value.h"
#include "values/type_ref.h"
#include "values/values.h"

namespace freshet::crdt {

void V2Writer::type(uint64_t ref, std::string_view node_name) {
  type_ref_.write(ref);
  if (ref == kXmlElementType || ref == kXmlHookType) name(node_name);
}

void V2Writer::content(Kind kind, uint32_t len, Bytes v1) {
  Reader in(v1);
  const auto value = [this](std::string_view kept) {
    std::vector<uint8_t> any;
    append_kept_as_any(kept, any);
    rest_.raw(any);
  };
  switch (kind) {
    case Kind::gc:
    case Kind::skip: return;
    case Kind::deleted: return len_.write(len);
    case Kind::string: return string_.write(as_text(v1), len);
    case Kind::binary: return rest_.raw(v1);
    case Kind::embed: return value(read_kept(in));
    case Kind::format: name(in.string()); return value(read_kept(in));
    case Kind::type: {
      const uint64_t ref = in.varuint();
      return type(ref, in.at_end() ? std::string_view() : in.string());
    }
    case Kind::any: len_.write(len); return rest_.raw(v1);
    case Kind::json:
      len_.write(len);
      for (uint32_t i = 0; i < len; ++i) string_.write(in.string());
      return;
    case Kind::doc: string_.write(in.string()); return rest_.raw(in.rest());
  }
}

void V2Writer::finish(std::vector<uint8_t>& out) {
  Writer writer(out);
  writer.varuint(0);  // no features
  writer.bytes(key_clock_.finish());
  writer.bytes(client_.finish());
  writer.bytes(left_clock_.finish());
  writer.bytes(right_clock_.finish());
  writer.bytes(info_.finish());
  writer.bytes(string_.finish());
  writer.bytes(parent_info_.finish());
  writer.bytes(type_ref_.finish());
  writer.bytes(len_.finish());
  writer.raw(rest_.written());
}

}  // namespace freshet::crdt
