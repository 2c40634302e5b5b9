#include "values/kept_value.h"

#include "freshet/format/codec.h"
#include "values/js_text.h"
#include "values/json_text.h"
#include "values/values.h"

namespace freshet::crdt {

namespace {

std::string json_of_any(Bytes any) {
  Reader in(any);
  std::string text;
  return append_any_json(in, text) ? text : "null";
}

}  // namespace

std::string kept_value(Bytes any) {
  std::vector<uint8_t> shortest, back;
  Reader in(any);
  Writer out(shortest);
  copy_any(in, out);
  std::string json = json_of_any(any);
  append_json_as_any(json, back);
  if (back == shortest) return json;
  std::string kept(1, '\0');
  kept.append(as_text(shortest));
  return kept;
}

void append_kept_as_any(std::string_view kept, std::vector<uint8_t>& out) {
  if (!is_kept_any(kept)) return append_json_as_any(kept, out);
  const Bytes any = kept_any(kept);
  out.insert(out.end(), any.begin(), any.end());
}

std::string json_of_kept(std::string_view kept) {
  return is_kept_any(kept) ? json_of_any(kept_any(kept)) : std::string(kept);
}

void append_js_string_of_kept(std::string_view kept, std::string& out) {
  if (is_kept_any(kept)) return append_js_string_of_any(kept_any(kept), out);
  append_js_string_of_json(kept, out);
}

bool json_refuses(Bytes any) {
  if (any[0] == kAnyUndefined) return true;
  Reader in(any);
  std::vector<std::pair<uint64_t, bool>> open;  // values left, of an object
  for (;;) {
    const uint8_t tag = in.u8();
    switch (tag) {
      case kAnyInt64: return true;
      case kAnyArray:
      case kAnyObject: open.emplace_back(in.varuint(), tag == kAnyObject); break;
      case kAnyFloat32:
      case kAnyFloat64: any_float(in, tag); break;
      case kAnyInteger: in.varint(); break;
      case kAnyString:
      case kAnyBytes: in.bytes(); break;
      default: break;
    }
    while (!open.empty() && open.back().first == 0) open.pop_back();
    if (open.empty() || !in.ok()) return false;
    --open.back().first;
    if (open.back().second) in.string();
  }
}

}  // namespace freshet::crdt
