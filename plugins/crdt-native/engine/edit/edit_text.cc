// Edits of rich text: text lies between Format items, each of which sets one key from there on.
#include <algorithm>
#include <cmath>

#include "edit/edit.h"
#include "values/json_text.h"
#include "values/kept_value.h"
#include "values/values.h"

namespace freshet::crdt {

namespace {

const std::string kNone = "null";

// Whether JavaScript would have an object for it.
bool composite(std::string_view kept) {
  if (!is_kept_any(kept)) return !kept.empty() && (kept[0] == '{' || kept[0] == '[');
  const uint8_t tag = kept_any(kept)[0];
  return tag == kAnyObject || tag == kAnyArray || tag == kAnyBytes;
}

bool is_nan(std::string_view kept) {
  if (!is_kept_any(kept)) return false;
  Reader in(kept_any(kept));
  const uint8_t tag = in.u8();
  return (tag == kAnyFloat32 || tag == kAnyFloat64) && std::isnan(any_float(in, tag));
}

bool is_zero(std::string_view kept) {
  return kept == "0" || (is_kept_any(kept) && json_of_kept(kept) == "0");
}

// As === has it: -0 is 0, NaN is nothing, not even NaN.
bool strictly_equal(const std::string& a, const std::string& b) {
  return a == b ? !is_nan(a) : is_zero(a) && is_zero(b);
}

// Equality as Yjs has it for formats: objects are compared entry by entry, what is in them is not.
bool same(const std::string& a, const std::string& b) {
  if (!composite(a) || !composite(b)) return strictly_equal(a, b);
  if (a[0] != '{' || b[0] != '{') return a == b;
  auto x = json_entries(a), y = json_entries(b);
  std::sort(x.begin(), x.end());
  std::sort(y.begin(), y.end());
  return x == y;
}

const std::string& value_of(const Format* format) { return format ? format->json : kNone; }

// Identity as JavaScript has it: of objects, not of what is in them.
bool identical(const Format* a, const Format& b) {
  if (a == nullptr) return b.json == kNone;
  return composite(a->json) && composite(b.json) ? a->source == b.source
                                                 : strictly_equal(a->json, b.json);
}

}  // namespace

// ---- formats ----------------------------------------------------------------------------------

Formats::Formats(const Attributes& attributes) {
  for (const auto& [key, value] : attributes) set({key, kept_value(value.any())});
}

const Format* Formats::find(std::string_view key) const {
  const auto it =
      std::find_if(all_.begin(), all_.end(), [&](const Format& f) { return f.key == key; });
  return it == all_.end() ? nullptr : &*it;
}

void Formats::set(Format format) {
  const auto it =
      std::find_if(all_.begin(), all_.end(), [&](const Format& f) { return f.key == format.key; });
  if (it == all_.end()) {
    all_.push_back(std::move(format));
  } else {
    *it = std::move(format);
  }
}

void Formats::erase(std::string_view key) {
  std::erase_if(all_, [&](const Format& f) { return f.key == key; });
}

void Formats::turn(Format format) {
  if (format.json == kNone) {
    erase(format.key);
  } else {
    set(std::move(format));
  }
}

// ---- the cursor -------------------------------------------------------------------------------

bool Edit::is_format(uint32_t item) const {
  return !tree_.items[item].deleted && tree_.items[item].kind() == Kind::format;
}

bool Edit::is_content(uint32_t item) const {
  return !tree_.items[item].deleted && tree_.items[item].kind() != Kind::format;
}

// REQUIRES: a Format item whose content is still there.
Format Edit::format_at(uint32_t item) const {
  Reader in(tree_.values_of(tree_.items[item]));
  Format format{std::string(in.string()), std::string(read_kept(in))};
  if (composite(format.json)) format.source = tree_.value_sources.of(tree_.items[item].id());
  return format;
}

Edit::Cursor Edit::start_of(uint32_t type) {
  const uint32_t list = tree_.children_of(type);
  return {list, kNil, tree_.lists[list].head, {}};
}

void Edit::step(Cursor& cursor) {
  if (is_format(cursor.right)) cursor.formats.turn(format_at(cursor.right));
  cursor.left = cursor.right;
  cursor.right = tree_.items[cursor.right].right;
}

bool Edit::seek(uint32_t type, uint64_t index, Cursor& cursor) {
  cursor = start_of(type);
  if (index == 0) return true;
  if (!left_of(cursor.list, index, cursor.left)) return false;
  cursor.right = tree_.items[cursor.left].right;
  std::vector<uint32_t> formats;
  tree_.positions.formats_before(tree_, cursor.list, cursor.left, formats);
  for (const uint32_t item : formats) cursor.formats.turn(format_at(item));
  return true;
}

// ---- inserting --------------------------------------------------------------------------------

Edit::Piece Edit::text_of(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {Kind::string, static_cast<uint32_t>(utf16_length(bytes)), {bytes.begin(), bytes.end()}};
}

Edit::Piece Edit::embed_of(const Content& content) {
  if (content.value() == nullptr) return piece_of(content);
  Piece piece{Kind::embed, 1, {}};
  const std::string kept = kept_value(content.value()->any());
  tree_.keeps_values = tree_.keeps_values || is_kept_any(kept);
  Writer(piece.bytes).string(kept);
  return piece;
}

void Edit::put_format(Cursor& cursor, const Format& format) {
  Piece piece{Kind::format, 1, {}};
  Writer out(piece.bytes);
  out.string(format.key);
  out.string(format.json);
  tree_.keeps_values = tree_.keeps_values || is_kept_any(format.json);
  cursor.right = put({cursor.list, cursor.left, cursor.right}, piece);
  if (format.source != kNoSource) {
    tree_.value_sources.share(tree_.items[cursor.right].id(), format.source);
  }
  step(cursor);
}

// Goes on to where what is wanted is not said already.
void Edit::skip_restated(Cursor& cursor, const Formats& wanted) {
  while (cursor.right != kNil) {
    if (!tree_.items[cursor.right].deleted) {
      if (!is_format(cursor.right)) return;
      const Format here = format_at(cursor.right);
      if (!same(value_of(wanted.find(here.key)), here.json)) return;
    }
    step(cursor);
  }
}

// Puts what differs from the formats in force and returns what has to be put to end it.
Formats Edit::open_formats(Cursor& cursor, const Formats& wanted) {
  Formats negated;
  for (const Format& format : wanted.all()) {
    const Format* found = cursor.formats.find(format.key);
    const Format now = found ? *found : Format{format.key, kNone};
    if (same(now.json, format.json)) continue;
    negated.set(now);
    put_format(cursor, format);
  }
  return negated;
}

void Edit::close_formats(Cursor& cursor, Formats& negated) {
  while (cursor.right != kNil) {
    if (!tree_.items[cursor.right].deleted) {
      if (!is_format(cursor.right)) break;
      const Format here = format_at(cursor.right);
      const Format* ended = negated.find(here.key);
      if (ended == nullptr || !same(ended->json, here.json)) break;
      negated.erase(here.key);
    }
    step(cursor);
  }
  for (const Format& format : negated.all()) put_format(cursor, format);
}

void Edit::insert_at(Cursor& cursor, const Piece& piece, Formats wanted) {
  for (const Format& format : cursor.formats.all()) {
    if (wanted.find(format.key) == nullptr) wanted.set({format.key, kNone});
  }
  skip_restated(cursor, wanted);
  Formats negated = open_formats(cursor, wanted);
  cursor.right = put({cursor.list, cursor.left, cursor.right}, piece);
  step(cursor);
  close_formats(cursor, negated);
}

Status Edit::insert_text(uint32_t type, uint64_t index, std::string_view text,
                         const Attributes* attributes) {
  if (text.empty()) return Status::ok;
  Cursor cursor;
  if (!seek(type, index, cursor)) return Status::not_found;
  insert_at(cursor, text_of(text), attributes ? Formats(*attributes) : cursor.formats);
  return Status::ok;
}

Status Edit::insert_embed(uint32_t type, uint64_t index, const Content& embed,
                          const Attributes& attributes) {
  Cursor cursor;
  if (!seek(type, index, cursor)) return Status::not_found;
  insert_at(cursor, embed_of(embed), Formats(attributes));
  return Status::ok;
}

// ---- formatting -------------------------------------------------------------------------------

// A Format item on the way. If its key is being set, what it said has to be said at the end
// instead.
void Edit::apply_format(Cursor& cursor, uint32_t item, const Formats& wanted, Formats& negated) {
  const Format here = format_at(item);
  const Format* format = wanted.find(here.key);
  if (format == nullptr) return cursor.formats.turn(here);
  if (same(format->json, here.json)) {
    negated.erase(here.key);
  } else {
    negated.set(here);
  }
  tree_.remove_item(item);
}

void Edit::format_at(Cursor& cursor, uint64_t count, const Formats& wanted) {
  skip_restated(cursor, wanted);
  Formats negated = open_formats(cursor, wanted);
  while (cursor.right != kNil) {
    const uint32_t at = cursor.right;
    if (count == 0 && (negated.empty() || is_content(at))) break;
    if (is_format(at)) {
      const Format here = format_at(at);
      const Format* format = wanted.find(here.key);
      if (count == 0 && format != nullptr && !same(format->json, here.json)) break;
      apply_format(cursor, at, wanted, negated);
    } else if (is_content(at)) {
      if (count < tree_.items[at].len) tree_.split_item(at, static_cast<uint32_t>(count));
      count -= tree_.items[at].len;
    }
    step(cursor);
  }
  // Quill may ask for more than there is: it means line ends.
  if (count > 0) {
    cursor.right = put({cursor.list, cursor.left, cursor.right}, text_of(std::string(count, '\n')));
    step(cursor);
  }
  close_formats(cursor, negated);
}

Status Edit::format(uint32_t type, uint64_t index, uint64_t count, const Attributes& attributes) {
  if (count == 0) return Status::ok;
  Cursor cursor;
  if (!seek(type, index, cursor)) return Status::not_found;
  if (cursor.right != kNil) format_at(cursor, count, Formats(attributes));
  return Status::ok;
}

// ---- deleting ---------------------------------------------------------------------------------

void Edit::remove_at(Cursor& cursor, uint64_t count) {
  const Formats before = cursor.formats;
  const uint32_t start = cursor.right;
  while (count > 0 && cursor.right != kNil) {
    const uint32_t at = cursor.right;
    if (is_content(at)) {
      if (count < tree_.items[at].len) tree_.split_item(at, static_cast<uint32_t>(count));
      count -= tree_.items[at].len;
      tree_.remove_item(at);
    }
    step(cursor);
  }
  if (start != kNil) clean_gap(start, cursor.right, before, cursor.formats);
}

// Between two visible units only the last Format of each key says anything, and it only if that
// was not in force before.
void Edit::clean_gap(uint32_t start, uint32_t current, const Formats& before, Formats& formats) {
  std::vector<std::pair<std::string, uint32_t>> last;  // by key
  const auto last_of = [&](const std::string& key) {
    return std::find_if(last.begin(), last.end(), [&](const auto& e) { return e.first == key; });
  };
  uint32_t end = start;
  for (; end != kNil && !is_content(end); end = tree_.items[end].right) {
    if (!is_format(end)) continue;
    const std::string key = format_at(end).key;
    if (last_of(key) == last.end()) last.emplace_back(key, end);
    last_of(key)->second = end;
  }
  bool reached = false;
  for (; start != end; start = tree_.items[start].right) {
    if (start == current) reached = true;
    if (!is_format(start)) continue;
    const Format here = format_at(start);
    const Format* in_force = before.find(here.key);
    const bool restated = identical(in_force, here);
    if (last_of(here.key)->second != start || restated) {
      tree_.remove_item(start);
      if (!reached && !restated && identical(formats.find(here.key), here)) {
        formats.turn(in_force ? *in_force : Format{here.key, kNone});
      }
    } else if (!reached) {
      formats.turn(here);
    }
  }
}

Status Edit::remove_text(uint32_t type, uint64_t index, uint64_t count) {
  if (count == 0) return Status::ok;
  Cursor cursor;
  if (!seek(type, index, cursor)) return Status::not_found;
  remove_at(cursor, count);
  return Status::ok;
}

Status Edit::apply_delta(uint32_t type, const std::vector<DeltaStep>& delta) {
  Cursor cursor = start_of(type);
  for (const DeltaStep& step : delta) {
    if (step.insert && !step.insert->empty()) {
      insert_at(cursor, text_of(*step.insert), Formats(step.attributes));
    } else if (!step.embed.empty()) {
      insert_at(cursor, embed_of(step.embed[0]), Formats(step.attributes));
    } else if (step.retain > 0 && step.attributes.empty() && cursor.left == kNil &&
               step.retain <= tree_.positions.length(tree_, cursor.list)) {
      // Nothing to format on the way to where the change begins: no need to walk there.
      (void)seek(type, step.retain, cursor);
      Formats none;
      close_formats(cursor, none);
    } else if (step.retain > 0) {
      format_at(cursor, step.retain, Formats(step.attributes));
    } else if (step.remove > 0) {
      remove_at(cursor, step.remove);
    }
  }
  return Status::ok;
}

// ---- useless formats --------------------------------------------------------------------------

// Yjs goes over the whole text, but begins each gap at the character before it, where the gap ends
// at once: only what is in front of the first character is ever cleaned.
void Edit::clean_text(uint32_t type) {
  const uint32_t list = tree_.types[type].children;
  if (list == kNil) return;
  const uint32_t head = tree_.lists[list].head;
  Formats formats;
  uint32_t at = head;
  for (; at != kNil && !is_content(at); at = tree_.items[at].right) {
    if (is_format(at)) formats.turn(format_at(at));
  }
  if (at != kNil) clean_gap(head, at, {}, formats);
}

// Of the Format items between two visible units the last one of each key stays.
void Edit::clean_around(uint32_t item, std::unordered_set<uint32_t>& cleaned) {
  if (cleaned.contains(item)) return;
  for (;;) {
    const uint32_t right = tree_.items[item].right;
    if (right == kNil || is_content(right)) break;
    item = right;
  }
  std::unordered_set<std::string> seen;
  for (; item != kNil && !is_content(item); item = tree_.items[item].left) {
    cleaned.insert(item);
    if (is_format(item) && !seen.insert(format_at(item).key).second) tree_.remove_item(item);
  }
}

}  // namespace freshet::crdt
