#include "encode/markup.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "freshet/format/codec.h"
#include "values/js_text.h"
#include "values/json_text.h"
#include "values/kept_value.h"
#include "values/type_ref.h"
#include "values/values.h"

namespace freshet::crdt {

void append_text(const Tree& tree, uint32_t type, std::string& out) {
  const uint32_t list = tree.types[type].children;
  if (list == kNil) return;
  std::vector<uint8_t> bytes;
  for (uint32_t at = tree.lists[list].head; at != kNil; at = tree.items[at].right) {
    const Item& item = tree.items[at];
    if (item.kind() != Kind::string || item.deleted) continue;
    tree.text_of(item).copy(item.content, item.len, bytes);
  }
  out.append(as_text(bytes));
}

namespace {

// Capitals with a lower case at a fixed distance; `step` 2 where capitals and small letters take
// turns. The scripts that have cases, less the rarest and letters that need more than one.
struct Capitals {
  uint32_t first, last;
  uint32_t step;
  uint32_t distance;
};
constexpr Capitals kCapitals[] = {
    {0x41, 0x5a, 1, 32},     {0xc0, 0xd6, 1, 32},     {0xd8, 0xde, 1, 32},
    {0x100, 0x12e, 2, 1},    {0x132, 0x136, 2, 1},    {0x139, 0x147, 2, 1},
    {0x14a, 0x176, 2, 1},    {0x179, 0x17d, 2, 1},    {0x1cd, 0x1db, 2, 1},
    {0x1de, 0x1ee, 2, 1},    {0x1f8, 0x21e, 2, 1},    {0x222, 0x232, 2, 1},
    {0x386, 0x386, 1, 38},   {0x388, 0x38a, 1, 37},   {0x38c, 0x38c, 1, 64},
    {0x38e, 0x38f, 1, 63},   {0x391, 0x3a1, 1, 32},   {0x3a3, 0x3ab, 1, 32},
    {0x400, 0x40f, 1, 80},   {0x410, 0x42f, 1, 32},   {0x460, 0x480, 2, 1},
    {0x48a, 0x4be, 2, 1},    {0x4c1, 0x4cd, 2, 1},    {0x4d0, 0x52e, 2, 1},
    {0x531, 0x556, 1, 48},   {0x1e00, 0x1e94, 2, 1},  {0x1ea0, 0x1efe, 2, 1},
    {0x24b6, 0x24cf, 1, 26}, {0xff21, 0xff3a, 1, 32}, {0x10400, 0x10427, 1, 40},
};

uint32_t lower(uint32_t point) {
  for (const Capitals& range : kCapitals) {
    if (point < range.first || point > range.last) continue;
    return (point - range.first) % range.step == 0 ? point + range.distance : point;
  }
  return point;
}

std::string lower(const std::string& name) {
  std::string out;
  for (size_t at = 0; at < name.size();) {
    const auto lead = static_cast<unsigned char>(name[at]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t point = length == 1 ? lead : lead & (0x7fu >> length);
    for (size_t i = 1; i < length; ++i) {
      point = point << 6 | (static_cast<unsigned char>(name[at + i]) & 0x3f);
    }
    append_utf8(lower(point), out);
    at += length;
  }
  return out;
}

using Attributes = std::vector<std::pair<std::string, std::string>>;  // name, JSON of the value

class Markup {
 public:
  Markup(const Tree& tree, std::string& out) : tree_(tree), out_(out) {}

  void run(uint32_t type, uint8_t ref) {
    open(type, ref);
    while (!frames_.empty()) {
      if (frames_.back().at != kNil) {
        step();
        continue;
      }
      if (frames_.back().text) flush_run();
      out_ += frames_.back().close;
      frames_.pop_back();
    }
  }

 private:
  struct Frame {
    uint32_t at;
    bool text;
    std::string close;
    Attributes formats;
    std::string run;
  };

  uint32_t head(uint32_t type) const {
    const uint32_t list = tree_.types[type].children;
    return list == kNil ? kNil : tree_.lists[list].head;
  }

  void open(uint32_t type, uint8_t ref) {
    const Type& shared = tree_.types[type];
    switch (ref) {
      case kTextType: return append_text(tree_, type, out_);
      case kXmlTextType: frames_.push_back({head(type), true, {}, {}, {}}); return;
      case kXmlFragmentType: frames_.push_back({head(type), false, {}, {}, {}}); return;
      case kXmlElementType: {
        const std::string name = shared.item == kNil || shared.name == kNil
                                     ? "undefined"
                                     : lower(tree_.names[shared.name]);
        out_ += '<';
        out_ += name;
        attributes(type);
        out_ += '>';
        frames_.push_back({head(type), false, "</" + name + ">", {}, {}});
        return;
      }
      default: out_ += "[object Object]"; return;
    }
  }

  void attributes(uint32_t type) {
    std::vector<std::pair<std::string_view, uint32_t>> entries;
    for (uint32_t list = tree_.types[type].keys; list != kNil; list = tree_.lists[list].next) {
      const uint32_t tail = tree_.lists[list].tail;
      if (tail == kNil || tree_.items[tail].deleted) continue;
      entries.emplace_back(tree_.names[tree_.lists[list].key], tail);
    }
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return utf16_less(a.first, b.first); });
    for (const auto& [name, index] : entries) {
      out_ += ' ';
      out_ += name;
      out_ += "=\"";
      last_value(tree_.items[index]);
      out_ += '"';
    }
  }

  // String(value) of the last unit of an item.
  void last_value(const Item& item) {
    switch (item.kind()) {
      case Kind::string: {
        std::vector<uint8_t> bytes;
        tree_.text_of(item).copy(item.content + item.len - 1, 1, bytes);
        out_.append(as_text(bytes));
        return;
      }
      case Kind::any: return append_js_string_of_any(tree_.values_of(item, item.len - 1), out_);
      case Kind::json:
      case Kind::embed:
        return append_js_string_of_kept(
            as_text(Reader(tree_.values_of(item, item.len - 1)).bytes()), out_);
      case Kind::binary: {
        bool first = true;
        for (const uint8_t byte : Reader(tree_.values_of(item)).bytes()) {
          if (!std::exchange(first, false)) out_ += ',';
          out_ += std::to_string(byte);
        }
        return;
      }
      default: out_ += "[object Object]"; return;
    }
  }

  void step() {
    Frame& frame = frames_.back();
    const Item& item = tree_.items[frame.at];
    frame.at = item.right;
    if (item.deleted) return;
    if (frame.text) return text_step(frame, item);
    if (item.kind() == Kind::format) return;
    if (item.kind() == Kind::type) return open(item.content, tree_.types[item.content].ref);
    last_value(item);
  }

  void text_step(Frame& frame, const Item& item) {
    switch (item.kind()) {
      case Kind::string: {
        std::vector<uint8_t> bytes;
        tree_.text_of(item).copy(item.content, item.len, bytes);
        frame.run.append(as_text(bytes));
        return;
      }
      case Kind::format: {
        flush_run();
        Reader in(tree_.values_of(item));
        const std::string key(in.string());
        const std::string_view value = read_kept(in);
        std::erase_if(frame.formats, [&](const auto& format) { return format.first == key; });
        if (value != "null") frame.formats.emplace_back(key, json_of_kept(value));
        return;
      }
      case Kind::embed:
      case Kind::type: {
        flush_run();
        std::string close;
        open_tags(frame.formats, close);
        if (item.kind() == Kind::type) {
          // The closing tags come after what is in the type.
          frames_.push_back({kNil, false, std::move(close), {}, {}});
          return open(item.content, tree_.types[item.content].ref);
        }
        append_js_string_of_kept(as_text(Reader(tree_.values_of(item)).bytes()), out_);
        out_ += close;
        return;
      }
      default: return;
    }
  }

  void flush_run() {
    Frame& frame = frames_.back();
    if (frame.run.empty()) return;
    std::string close;
    open_tags(frame.formats, close);
    out_ += std::exchange(frame.run, {});
    out_ += close;
  }

  // One tag per format, sorted by name, the first outermost.
  void open_tags(const Attributes& formats, std::string& close) {
    Attributes sorted = formats;
    std::sort(sorted.begin(), sorted.end(),
              [](const auto& a, const auto& b) { return utf16_less(a.first, b.first); });
    for (const auto& [name, value] : sorted) {
      out_ += '<';
      out_ += name;
      Attributes entries = json_entries(value);
      std::sort(entries.begin(), entries.end(),
                [](const auto& a, const auto& b) { return utf16_less(a.first, b.first); });
      for (const auto& [key, text] : entries) {
        out_ += ' ';
        out_ += key;
        out_ += "=\"";
        append_js_string_of_json(text, out_);
        out_ += '"';
      }
      out_ += '>';
      close.insert(0, "</" + name + ">");
    }
  }

  const Tree& tree_;
  std::string& out_;
  std::vector<Frame> frames_;
};

}  // namespace

void append_markup(const Tree& tree, uint32_t type, uint8_t ref, std::string& out) {
  Markup(tree, out).run(type, ref);
}

}  // namespace freshet::crdt
