#include "encode/describe_update.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "freshet/crdt/limits.h"
#include "freshet/format/codec.h"
#include "values/kept_value.h"
#include "values/type_ref.h"
#include "values/values.h"

namespace freshet::crdt {
namespace {

const char* type_name(uint64_t ref) {
  switch (ref) {
    case kArrayType: return "array";
    case kMapType: return "map";
    case kTextType: return "text";
    case kXmlElementType: return "xml_element";
    case kXmlFragmentType: return "xml_fragment";
    case kXmlTextType: return "xml_text";
    default: return "type";
  }
}

// No more of it than people read, and no half of a character.
std::string beginning(std::string_view text) {
  if (text.size() <= kDescribedContentBytes) return std::string(text);
  size_t end = kDescribedContentBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

// Of the values of an item, as JSON, one after the other.
std::string values_of(const WireStruct& item) {
  Reader in(item.content());
  std::string out;
  for (uint32_t i = 0; i < item.len && out.size() <= kDescribedContentBytes && in.ok(); ++i) {
    if (i > 0) out += ", ";
    if (item.kind == Kind::json) {
      out += in.string();
    } else if (!append_any_json(in, out)) {
      out += "undefined";
    }
  }
  return out;
}

std::string content_of(const WireStruct& item) {
  Reader in(item.content());
  switch (item.kind) {
    case Kind::string: return beginning(as_text(item.content()));
    case Kind::any:
    case Kind::json: return beginning(values_of(item));
    case Kind::binary: return std::to_string(in.bytes().size()) + " bytes";
    case Kind::embed: return beginning(json_of_kept(read_kept(in)));
    case Kind::format: {
      std::string out(in.string());
      return beginning(out + ": " + json_of_kept(read_kept(in)));
    }
    case Kind::type: return type_name(in.varuint());
    case Kind::doc: return "a document";
    default: return {};
  }
}

const char* verb_of(const WireStruct& item, bool has_key) {
  switch (item.kind) {
    case Kind::gc:
    case Kind::deleted: return "gone";
    case Kind::format: return "format";
    case Kind::embed: return has_key ? "set" : "embed";
    default: return has_key ? "set" : "insert";
  }
}

class Description {
 public:
  Description(const ClientTable& clients, size_t limit, std::string& out)
      : clients_(clients), limit_(limit), out_(out) {}

  void write(const Update& update) {
    size_t structs = 0;
    std::string operations;
    for (const WireStruct& item : update.structs) {
      if (item.kind == Kind::skip) continue;
      ++structs;
      if (told_ < limit_) add(item, operations);
    }
    std::map<uint32_t, uint64_t> deleted;
    for (const DeletedRange& range : update.deletes) {
      deleted[range.client] += range.len;
      if (told_ < limit_) add(range, operations);
    }
    const size_t all = structs + update.deletes.size();
    out_ += "{\"structs\":" + std::to_string(structs) +
            ",\"deletes\":" + std::to_string(update.deletes.size()) + ",\"deleted\":[";
    bool first = true;
    for (const auto& [client, length] : deleted) {
      out_ += std::string(first ? "" : ",") + "{\"client\":" + std::to_string(clients_.id(client)) +
              ",\"length\":" + std::to_string(length) + "}";
      first = false;
    }
    out_ += "],\"operations\":[" + operations + "],\"more\":" + std::to_string(all - told_) + "}";
  }

 private:
  void begin(const char* verb, uint32_t client, uint32_t clock, uint32_t len, std::string& out) {
    if (told_++ > 0) out += ',';
    out += std::string("{\"op\":\"") + verb +
           "\",\"client\":" + std::to_string(clients_.id(client)) +
           ",\"clock\":" + std::to_string(clock) + ",\"length\":" + std::to_string(len);
  }
  void text(const char* key, std::string_view value, std::string& out) {
    out += std::string(",\"") + key + "\":";
    append_json_string(value, out);
  }
  std::string name_of(Id id) const {
    return std::to_string(clients_.id(id.client)) + ":" + std::to_string(id.clock);
  }

  void add(const WireStruct& item, std::string& out) {
    ParentName parent;
    if (item.names_parent()) parent = parent_name(item);
    begin(verb_of(item, parent.has_key), item.client, item.clock, item.len, out);
    if (item.names_parent()) {
      text("parent", item.parent() ? name_of(item.parent()) : std::string(parent.root), out);
      if (parent.has_key) text("key", parent.key, out);
    } else if (item.origin()) {
      text("after", name_of(item.origin()), out);
    }
    const std::string content = content_of(item);
    if (!content.empty()) text("content", content, out);
    out += '}';
  }
  void add(const DeletedRange& range, std::string& out) {
    begin("delete", range.client, range.clock, range.len, out);
    out += '}';
  }

  const ClientTable& clients_;
  const size_t limit_;
  std::string& out_;
  size_t told_ = 0;
};

}  // namespace

void append_description(const Update& update, const ClientTable& clients, size_t limit,
                        std::string& out) {
  Description(clients, limit, out).write(update);
}

}  // namespace freshet::crdt
