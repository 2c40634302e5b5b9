#include "encode/outline_view.h"

#include <string_view>
#include <vector>

#include "encode/json_view.h"
#include "freshet/crdt/limits.h"
#include "freshet/format/codec.h"
#include "values/kept_value.h"
#include "values/type_ref.h"
#include "values/values.h"

namespace freshet::crdt {
namespace {

const char* kind_name(uint8_t ref) {
  switch (ref) {
    case kArrayType: return "array";
    case kTextType: return "text";
    case kXmlElementType: return "xml_element";
    case kXmlFragmentType: return "xml_fragment";
    case kXmlTextType: return "xml_text";
    default: return "map";
  }
}

bool is_text(uint8_t ref) { return ref == kTextType || ref == kXmlTextType; }

// Nests as deep as kMaxOutlineDepth, and no deeper, whatever the document does.
class OutlineView {
 public:
  OutlineView(const Tree& tree, size_t limit, std::string& out)
      : tree_(tree), left_(limit), out_(out) {}

  void run() {
    out_ += "{\"roots\":[";
    bool first = true;
    for (const uint32_t root : tree_.roots) {
      if (!take(first)) continue;
      out_ += "{\"name\":";
      append_json_string(tree_.names[tree_.types[root].name], out_);
      out_ += ',';
      type(root, inferred_ref(tree_, root), 0);
      out_ += '}';
    }
    out_ += "],\"more\":" + std::to_string(more_) + "}";
  }

 private:
  // Whether one node more is shown; writes what stands between two.
  bool take(bool& first) {
    if (left_ == 0) return ++more_, false;
    --left_;
    if (!first) out_ += ',';
    first = false;
    return true;
  }

  // The members of a node, behind its name.
  void type(uint32_t type, uint8_t ref, size_t depth) {
    out_ += std::string("\"kind\":\"") + kind_name(ref) + "\"";
    if (ref == kXmlElementType && tree_.types[type].item != kNil &&
        tree_.types[type].name != kNil) {
      out_ += ",\"tag\":";
      append_json_string(tree_.names[tree_.types[type].name], out_);
    }
    if (ref != kMapType) out_ += ",\"length\":" + std::to_string(length(type));
    if (is_text(ref)) text(type);
    if (depth == kMaxOutlineDepth) return;
    if (ref == kMapType) return keys(type, depth);
    attributes(type);
    if (!is_text(ref)) children(type, depth);
  }

  uint32_t head(uint32_t type) const {
    const uint32_t list = tree_.types[type].children;
    return list == kNil ? kNil : tree_.lists[list].head;
  }

  uint64_t length(uint32_t type) const {
    uint64_t sum = 0;
    for (uint32_t at = head(type); at != kNil; at = tree_.items[at].right) {
      const Item& item = tree_.items[at];
      if (!item.deleted && item.kind() != Kind::format) sum += item.len;
    }
    return sum;
  }

  void text(uint32_t type) {
    std::vector<uint8_t> bytes;
    for (uint32_t at = head(type); at != kNil; at = tree_.items[at].right) {
      const Item& item = tree_.items[at];
      if (item.kind() != Kind::string || item.deleted) continue;
      if (bytes.size() > kOutlineTextBytes) break;
      tree_.text_of(item).copy(item.content, item.len, bytes);
    }
    std::string_view text = as_text(bytes);
    size_t end = std::min(text.size(), kOutlineTextBytes);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
      --end;
    out_ += ",\"text\":";
    append_json_string(text.substr(0, end), out_);
  }

  template <class F>
  void each_key(uint32_t type, F f) {
    for (uint32_t list = tree_.types[type].keys; list != kNil; list = tree_.lists[list].next) {
      const uint32_t tail = tree_.lists[list].tail;
      if (tail != kNil && !tree_.items[tail].deleted) f(tree_.lists[list].key, tree_.items[tail]);
    }
  }

  void keys(uint32_t type, size_t depth) {
    out_ += ",\"children\":[";
    bool first = true;
    each_key(type, [&](uint32_t key, const Item& item) {
      if (!take(first)) return;
      out_ += "{\"name\":";
      append_json_string(tree_.names[key], out_);
      out_ += ',';
      unit(item, item.len - 1, depth);
      out_ += '}';
    });
    out_ += ']';
  }

  // Of XML and of texts: values, as a rule.
  void attributes(uint32_t type) {
    if (tree_.types[type].keys == kNil) return;
    out_ += ",\"attributes\":{";
    bool first = true;
    each_key(type, [&](uint32_t key, const Item& item) {
      if (!take(first)) return;
      append_json_string(tree_.names[key], out_);
      out_ += ':';
      value(item, item.len - 1);
    });
    out_ += '}';
  }

  void children(uint32_t type, size_t depth) {
    out_ += ",\"children\":[";
    bool first = true;
    for (uint32_t at = head(type); at != kNil; at = tree_.items[at].right) {
      const Item& item = tree_.items[at];
      if (item.deleted || item.kind() == Kind::format) continue;
      for (uint32_t i = 0; i < item.len; ++i) {
        if (left_ == 0) {
          more_ += item.len - i;
          break;
        }
        static_cast<void>(take(first));
        out_ += '{';
        unit(item, i, depth);
        out_ += '}';
      }
    }
    out_ += ']';
  }

  void unit(const Item& item, uint32_t i, size_t depth) {
    if (item.kind() == Kind::type)
      return type(item.content, tree_.types[item.content].ref, depth + 1);
    out_ += "\"kind\":\"value\",\"value\":";
    value(item, i);
  }

  // As JSON, or a word for what would be too much of it.
  void value(const Item& item, uint32_t i) {
    std::string json;
    switch (item.kind()) {
      case Kind::string: {
        std::vector<uint8_t> text;
        tree_.text_of(item).copy(item.content + i, 1, text);
        append_json_string(as_text(text), json);
        break;
      }
      case Kind::any: {
        Reader in(tree_.values_of(item, i));
        if (!append_any_json(in, json)) json = "null";
        break;
      }
      case Kind::json: {
        const std::string_view text = Reader(tree_.values_of(item, i)).string();
        json = text == "undefined" ? "null" : std::string(text);
        break;
      }
      case Kind::embed: {
        Reader in(tree_.values_of(item));
        json = json_of_kept(read_kept(in));
        break;
      }
      case Kind::binary:
        json = "\"" + std::to_string(Reader(tree_.values_of(item)).bytes().size()) + " bytes\"";
        break;
      case Kind::doc: json = "\"a document\""; break;
      default: json = "null";
    }
    if (json.size() > kOutlineTextBytes) {
      json = "\"" + std::to_string(json.size()) + " bytes of JSON\"";
    }
    out_ += json;
  }

  const Tree& tree_;
  size_t left_;
  size_t more_ = 0;
  std::string& out_;
};

}  // namespace

void append_outline(const Tree& tree, size_t limit, std::string& out) {
  OutlineView(tree, limit, out).run();
}

}  // namespace freshet::crdt
