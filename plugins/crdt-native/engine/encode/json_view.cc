#include "encode/json_view.h"

#include <vector>

#include "encode/markup.h"
#include "freshet/crdt/limits.h"
#include "freshet/format/codec.h"
#include "values/kept_value.h"
#include "values/type_ref.h"
#include "values/values.h"

namespace freshet::crdt {

namespace {

bool is_xml(uint8_t ref) {
  return ref == kXmlElementType || ref == kXmlFragmentType || ref == kXmlTextType;
}

// An explicit stack of open types, since peers decide how deep they nest.
class JsonView {
 public:
  JsonView(const Tree& tree, std::string& out) : tree_(tree), out_(out) {}

  void run(uint32_t type, uint8_t ref) {
    open(type, ref);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const bool more = frame.map ? step_map(frame) : step_array(frame);
      if (more) continue;
      out_ += frames_.back().map ? '}' : ']';
      frames_.pop_back();
    }
  }

 private:
  struct Frame {
    bool map;
    bool first = true;
    uint32_t at = kNil;               // array: the next item
    std::vector<uint32_t> keys = {};  // map: lists still to come, the next one last
  };

  void open(uint32_t type, uint8_t ref) {
    if (ref == kTextType || is_xml(ref)) {
      std::string text;
      append_markup(tree_, type, ref, text);
      return append_json_string(text, out_);
    }
    if (frames_.size() == kMaxViewDepth) {
      out_ += "null";
      return;
    }
    if (ref == kArrayType) {
      const uint32_t list = tree_.types[type].children;
      out_ += '[';
      frames_.push_back({.map = false, .at = list == kNil ? kNil : tree_.lists[list].head});
      return;
    }
    out_ += '{';
    Frame frame{.map = true};
    // Linked newest first, which makes the oldest key the last: the first to be shown.
    for (uint32_t list = tree_.types[type].keys; list != kNil; list = tree_.lists[list].next) {
      const uint32_t tail = tree_.lists[list].tail;
      if (tail != kNil && !tree_.items[tail].deleted) frame.keys.push_back(list);
    }
    frames_.push_back(std::move(frame));
  }

  bool step_map(Frame& frame) {
    if (frame.keys.empty()) return false;
    const List& list = tree_.lists[frame.keys.back()];
    frame.keys.pop_back();
    const size_t before = out_.size();
    if (!frame.first) out_ += ',';
    append_json_string(tree_.names[list.key], out_);
    out_ += ':';
    const Item& item = tree_.items[list.tail];
    const bool was_first = std::exchange(frame.first, false);
    // `frame` may be gone from here on.
    if (!unit(item, item.len - 1)) {
      out_.resize(before);
      frames_.back().first = was_first;
    }
    return true;
  }

  bool step_array(Frame& frame) {
    if (frame.at == kNil) return false;
    const Item& item = tree_.items[frame.at];
    frame.at = item.right;
    if (item.deleted || item.kind() == Kind::format) return true;
    for (uint32_t i = 0; i < item.len; ++i) {
      if (!std::exchange(frames_.back().first, false)) out_ += ',';
      if (!unit(item, i)) out_ += "null";
    }
    return true;
  }

  // One unit of an item. False, and nothing written, for undefined.
  bool unit(const Item& item, uint32_t i) {
    switch (item.kind()) {
      case Kind::string: {
        std::vector<uint8_t> text;
        tree_.text_of(item).copy(item.content + i, 1, text);
        append_json_string(as_text(text), out_);
        return true;
      }
      case Kind::any: {
        Reader in(tree_.values_of(item, i));
        return append_any_json(in, out_);
      }
      case Kind::json: {
        const std::string_view text = Reader(tree_.values_of(item, i)).string();
        if (text == "undefined") return false;
        out_ += text;
        return true;
      }
      case Kind::embed: {
        Reader in(tree_.values_of(item));
        out_ += json_of_kept(read_kept(in));
        return true;
      }
      case Kind::binary: {
        bytes(Reader(tree_.values_of(item)).bytes());
        return true;
      }
      case Kind::type: open(item.content, tree_.types[item.content].ref); return true;
      // A subdocument's content is not here.
      case Kind::doc: out_ += "{}"; return true;
      default: return false;
    }
  }

  void bytes(Bytes content) {
    out_ += '{';
    for (size_t i = 0; i < content.size(); ++i) {
      if (i > 0) out_ += ',';
      out_ += '"';
      out_ += std::to_string(i);
      out_ += "\":";
      out_ += std::to_string(content[i]);
    }
    out_ += '}';
  }

  const Tree& tree_;
  std::string& out_;
  std::vector<Frame> frames_;
};

}  // namespace

uint8_t inferred_ref(const Tree& tree, uint32_t root) {
  const uint32_t list = tree.types[root].children;
  for (uint32_t at = list == kNil ? kNil : tree.lists[list].head; at != kNil;
       at = tree.items[at].right) {
    const Item& item = tree.items[at];
    if (item.deleted) continue;
    switch (item.kind()) {
      case Kind::string:
      case Kind::format:
      case Kind::embed: return kTextType;
      case Kind::type: {
        const uint8_t ref = tree.types[item.content].ref;
        return is_xml(ref) || ref == kXmlHookType ? kXmlFragmentType : kArrayType;
      }
      default: return kArrayType;
    }
  }
  if (tree.types[root].keys != kNil) return kMapType;
  // All gone: tombstones of text cannot be told from those of a list.
  return list == kNil ? kMapType : kTextType;
}

void append_json(const Tree& tree, uint32_t type, uint8_t ref, std::string& out) {
  JsonView(tree, out).run(type, ref);
}

}  // namespace freshet::crdt
