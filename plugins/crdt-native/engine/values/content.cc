#include "freshet/crdt/content.h"

#include <algorithm>
#include <unordered_map>

#include "freshet/crdt/limits.h"
#include "freshet/format/codec.h"
#include "values/values.h"

namespace freshet::crdt {

namespace {

// Keys that JavaScript sorts before all others: "0" to "4294967294", as it writes them.
std::optional<uint64_t> array_index(std::string_view key) {
  if (key.empty() || key.size() > 10 || (key[0] == '0' && key.size() > 1)) return {};
  uint64_t index = 0;
  for (const char c : key) {
    if (c < '0' || c > '9') return {};
    index = index * 10 + static_cast<uint64_t>(c - '0');
  }
  if (index >= 0xffff'ffff) return {};
  return index;
}

}  // namespace

Value::Value(std::nullptr_t) : any_{kAnyNull} {}
Value::Value(bool value) : any_{value ? kAnyTrue : kAnyFalse} {}
Value::Value(double value) { append_any_number(value, any_); }

Value::Value(std::string_view text) : any_{kAnyString} {
  Writer(any_).string(valid_utf8(as_bytes(text)) ? text : std::string_view());
}

Value Value::undefined() { return Value(std::vector<uint8_t>{kAnyUndefined}); }

Value Value::integer64(int64_t value) {
  std::vector<uint8_t> any{kAnyInt64};
  for (int shift = 56; shift >= 0; shift -= 8) {
    any.push_back(static_cast<uint8_t>(static_cast<uint64_t>(value) >> shift));
  }
  return Value(std::move(any));
}

Value Value::bytes(Bytes value) {
  std::vector<uint8_t> any{kAnyBytes};
  Writer(any).bytes(value);
  return Value(std::move(any));
}

Value Value::array(const std::vector<Value>& elements) {
  std::vector<uint8_t> any{kAnyArray};
  Writer out(any);
  out.varuint(elements.size());
  for (const Value& element : elements) out.raw(element.any());
  return Value(std::move(any));
}

Value Value::object(const std::vector<std::pair<std::string, Value>>& entries) {
  std::vector<const std::pair<std::string, Value>*> kept;
  std::unordered_map<std::string_view, size_t> known;
  for (const auto& entry : entries) {
    const auto [at, fresh] = known.try_emplace(entry.first, kept.size());
    if (fresh) {
      kept.push_back(&entry);
    } else {
      kept[at->second] = &entry;
    }
  }
  std::stable_sort(kept.begin(), kept.end(), [](auto* a, auto* b) {
    const auto x = array_index(a->first), y = array_index(b->first);
    return x && (!y || *x < *y);
  });
  std::vector<uint8_t> any{kAnyObject};
  Writer out(any);
  out.varuint(kept.size());
  for (const auto* entry : kept) {
    out.string(entry->first);
    out.raw(entry->second.any());
  }
  return Value(std::move(any));
}

Result<Value> Value::from_any(Bytes any) {
  Reader in(any);
  size_t budget = kMaxValuesPerUpdate;
  skip_any(in, budget);
  if (!in.ok() || !in.at_end()) return Status::malformed;
  std::vector<uint8_t> copy;
  Reader again(any);
  Writer out(copy);
  copy_any(again, out);
  return Value(std::move(copy));
}

std::string Value::json() const {
  std::string text;
  Reader in(any_);
  return append_any_json(in, text) ? text : "null";
}

Content::Content(Value value) : plain_(std::move(value)) {}
Content::Content(NewType type) : type_(std::make_unique<NewType>(std::move(type))) {}
Content::Content(NewSubdocument document) : plain_(std::move(document)) {}
Content::~Content() = default;
Content::Content(const Content& other)
    : plain_(other.plain_),
      type_(other.type_ ? std::make_unique<NewType>(*other.type_) : nullptr) {}
Content::Content(Content&&) noexcept = default;

Content& Content::operator=(Content other) noexcept {
  plain_ = std::move(other.plain_);
  type_ = std::move(other.type_);
  return *this;
}

const Value* Content::value() const { return type_ ? nullptr : std::get_if<Value>(&plain_); }

const NewSubdocument* Content::subdocument() const {
  return type_ ? nullptr : std::get_if<NewSubdocument>(&plain_);
}

}  // namespace freshet::crdt
