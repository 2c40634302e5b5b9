#include "crdt-native/operation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

#include "crdt-native/limits.h"
#include "freshet/crdt/limits.h"
#include "freshet/format/json.h"
#include "freshet/format/utf8.h"

namespace freshet::crdt {
namespace {

using What = Operation::What;

// A field of an operation: whether it may be there, and whether it has to.
enum Field : unsigned {
  kIndex = 1,
  kCount = 2,
  kKey = 4,
  kText = 8,
  kAttributes = 16,
  kContents = 32,
  kContent = 64,
  kDelta = 128,
};

struct Kind {
  std::string_view name;
  What what;
  unsigned required;
  unsigned optional = 0;
};

constexpr Kind kKinds[] = {
    {"insert_text", What::insert_text, kIndex | kText, kAttributes},
    {"embed", What::embed, kIndex | kContent, kAttributes},
    {"remove_text", What::remove_text, kIndex | kCount},
    {"format", What::format, kIndex | kCount | kAttributes},
    {"delta", What::delta, kDelta},
    {"insert", What::insert, kIndex | kContents},
    {"push", What::push, kContents},
    {"remove", What::remove, kIndex | kCount},
    {"set", What::set, kKey | kContent},
    {"erase", What::erase, kKey},
    {"clear", What::clear, 0},
};

constexpr std::pair<std::string_view, TypeKind> kTypes[] = {
    {"text", TypeKind::text},
    {"array", TypeKind::array},
    {"map", TypeKind::map},
    {"xml_element", TypeKind::xml_element},
    {"xml_fragment", TypeKind::xml_fragment},
    {"xml_text", TypeKind::xml_text},
};

// Reads slices of JSON that is known to be well-formed and not too deep. What is wrong nevertheless
// is kept in `why`, the first of it; every answer is then nothing or false.
class OperationReader {
 public:
  explicit OperationReader(std::string& why) : why_(why) {}

  bool read(std::string_view json, Operation& out) {
    std::string_view op;
    Fields fields;
    if (!object(json, fields)) return false;
    for (const auto& [name, value] : fields) {
      if (name == "op") op = value;
    }
    std::string name;
    if (op.empty()) return fail("has no op");
    if (!text(op, "op", name)) return false;
    const auto kind = std::ranges::find(kKinds, name, &Kind::name);
    if (kind == std::end(kKinds)) return fail("there is no such op");
    out.what = kind->what;
    return fields_of(fields, *kind, out);
  }

 private:
  struct Named {
    std::string name;
    std::string_view value;
  };
  using Fields = std::vector<Named>;

  bool fail(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return false;
  }

  // As JSON.parse: of two fields with one name the last counts, in the place of the first.
  bool object(std::string_view json, Fields& out) {
    JsonReader in(json);
    if (in.next() != '{') return fail("something else stands where an object belongs");
    in.enter('{');
    std::unordered_map<std::string, size_t> known;
    for (auto literal = in.key(); !literal.empty(); literal = in.key()) {
      std::string name = json_text_replaced(literal);
      const std::string_view value = in.value(kMaxOperationDepth);
      const auto [at, fresh] = known.try_emplace(name, out.size());
      if (fresh) {
        out.push_back({std::move(name), value});
      } else {
        out[at->second].value = value;
      }
    }
    return true;
  }

  template <class Each>
  bool array(std::string_view json, const char* what, Each each) {
    JsonReader in(json);
    if (in.next() != '[') return fail(std::string(what) + " is no array");
    in.enter('[');
    while (in.element()) {
      if (!each(in.value(kMaxOperationDepth))) return false;
    }
    return true;
  }

  bool text(std::string_view json, const char* what, std::string& out) {
    if (!json.starts_with('"')) return fail(std::string(what) + " is no string");
    out = json_text_replaced(json);
    return true;
  }

  bool key(std::string_view json, const char* what, std::string& out) {
    return text(json, what, out) && key_fits(out);
  }

  bool key_fits(const std::string& name) {
    return name.size() <= kMaxKeyBytes || fail("a key is too long");
  }

  bool count(std::string_view json, const char* what, uint64_t& out) {
    const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), out);
    const bool whole = error == std::errc() && end == json.data() + json.size();
    return (whole && out <= kMaxClock) || fail(std::string(what) + " is no whole number in range");
  }

  bool fields_of(const Fields& fields, const Kind& kind, Operation& out) {
    unsigned seen = 0;
    bool has_root = false, has_kind = false;
    for (const auto& [name, value] : fields) {
      if (name == "op") continue;
      if (name == "root") {
        has_root = true;
        if (!text(value, "root", out.root)) return false;
        if (out.root.size() > kMaxRootNameBytes) return fail("the root's name is too long");
      } else if (name == "kind") {
        has_kind = true;
        if (!type_kind(value, out.kind)) return false;
      } else if (name == "path") {
        out.path.clear();
        if (!array(value, "path", [&](std::string_view step) { return path(step, out); })) {
          return false;
        }
      } else {
        const unsigned field = field_of(name);
        if ((field & (kind.required | kind.optional)) == 0) {
          return fail("this op has no field " +
                      (name.size() < 32 ? name : std::string("like that")));
        }
        seen |= field;
        if (!fill(field, value, out)) return false;
      }
    }
    if (!has_root) return fail("has no root");
    if (!has_kind) return fail("has no kind, which is that of the root");
    if ((seen & kind.required) != kind.required) return fail("a field is missing");
    return check(out);
  }

  static unsigned field_of(std::string_view name) {
    constexpr std::pair<std::string_view, Field> kFields[] = {
        {"index", kIndex},       {"count", kCount},     {"key", kKey},
        {"text", kText},         {"delta", kDelta},     {"attributes", kAttributes},
        {"contents", kContents}, {"content", kContent},
    };
    const auto* at = std::ranges::find(kFields, name, &std::pair<std::string_view, Field>::first);
    return at == std::end(kFields) ? 0u : unsigned{at->second};
  }

  bool fill(unsigned field, std::string_view json, Operation& out) {
    switch (field) {
      case kIndex: return count(json, "index", out.index);
      case kCount: return count(json, "count", out.count);
      case kKey: return key(json, "key", out.key);
      case kText: return text(json, "text", out.text);
      case kAttributes: return attributes(json, out.attributes.emplace());
      case kContents: out.contents.clear(); return contents(json, "contents", out.contents);
      case kContent: out.contents.clear(); return content(json, out.contents);
      default: out.delta.clear(); return delta(json, out.delta);
    }
  }

  // What can be said when all fields are there.
  bool check(const Operation& operation) {
    if (operation.attributes && operation.attributes->size() > kMaxFormats) {
      return fail("more than 64 attributes");
    }
    return operation.what != What::embed || embeddable(operation.contents.front());
  }

  bool type_kind(std::string_view json, TypeKind& out) {
    std::string name;
    if (!text(json, "kind", name)) return false;
    for (const auto& [known, kind] : kTypes) {
      if (known == name) return out = kind, true;
    }
    return fail("there is no such kind");
  }

  bool path(std::string_view json, Operation& out) {
    if (out.path.size() == kMaxPathSteps) return fail("the path is too long");
    if (json.starts_with('"')) {
      return key(json, "a step of the path", std::get<std::string>(out.path.emplace_back("")));
    }
    return count(json, "a step of the path", std::get<uint64_t>(out.path.emplace_back(uint64_t{})));
  }

  // ---- values and new types

  std::optional<Value> value(std::string_view json) {
    switch (json.front()) {
      case 'n': return Value(nullptr);
      case 't': return Value(true);
      case 'f': return Value(false);
      case '"': return Value(json_text_replaced(json));
      case '[': return array_value(json);
      case '{': return object_value(json);
      default: return number(json);
    }
  }

  std::optional<Value> number(std::string_view json) {
    double number = 0;
    const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
    // What is too small for a double is 0, as in JavaScript; what is too large has no JSON.
    if (error == std::errc::result_out_of_range && !too_large(json))
      return Value(json[0] == '-' ? -0.0 : 0.0);
    if (error == std::errc()) return Value(number);
    fail("a number is too large");
    return std::nullopt;
  }

  // Of a number that no double holds: whether it is because of its size.
  static bool too_large(std::string_view json) {
    const size_t e = json.find_first_of("eE");
    if (e != std::string_view::npos) return json[e + 1] != '-';
    return !json.starts_with("0.") && !json.starts_with("-0.");
  }

  std::optional<Value> array_value(std::string_view json) {
    std::vector<Value> elements;
    const bool good = array(json, "value", [&](std::string_view element) {
      auto read = value(element);
      if (!read) return false;
      elements.push_back(*std::move(read));
      return true;
    });
    if (!good) return std::nullopt;
    return Value::array(elements);
  }

  std::optional<Value> object_value(std::string_view json) {
    Attributes entries;
    if (!attributes(json, entries)) return std::nullopt;
    return Value::object(entries);
  }

  bool attributes(std::string_view json, Attributes& out) {
    Fields fields;
    if (!object(json, fields)) return false;
    out.clear();
    for (auto& [name, slice] : fields) {
      auto read = value(slice);
      if (!read || !key_fits(name)) return false;
      out.emplace_back(std::move(name), *std::move(read));
    }
    return true;
  }

  bool contents(std::string_view json, const char* what, std::vector<Content>& out) {
    return array(json, what, [&](std::string_view element) { return content(element, out); });
  }

  // {"value": ...}, or a new type by its kind.
  bool content(std::string_view json, std::vector<Content>& out) {
    Fields fields;
    if (!object(json, fields)) return false;
    NewType type;
    bool typed = false, plain = false;
    for (const auto& [name, slice] : fields) {
      if (name == "value") {
        auto read = value(slice);
        if (!read) return false;
        plain = true;
        out.emplace_back(*std::move(read));
        continue;
      }
      const bool part = name == "attributes" || name == "children";
      if (!part) {
        if (typed) return fail("a content is two things at once");
        typed = true;
      }
      if (!part_of_type(name, slice, type)) return false;
    }
    if (plain) return fields.size() == 1 || fail("a content is two things at once");
    if (!typed) return fail("a content is neither a value nor a type");
    return whole(type, fields) && (out.emplace_back(std::move(type)), true);
  }

  bool part_of_type(std::string_view name, std::string_view json, NewType& out) {
    if (name == "attributes") {
      Attributes read;
      if (!attributes(json, read)) return false;
      for (auto& [key, value] : read) out.entries.emplace_back(std::move(key), std::move(value));
      return true;
    }
    if (name == "children") return contents(json, "children", out.children);
    const auto* known =
        std::ranges::find(kTypes, name, &std::pair<std::string_view, TypeKind>::first);
    if (known == std::end(kTypes)) return fail("there is no such content");
    out.kind = known->second;
    switch (out.kind) {
      case TypeKind::text:
      case TypeKind::xml_text: return text_of_type(json, out);
      case TypeKind::map: return entries(json, out);
      case TypeKind::xml_element: return key(json, "xml_element", out.name);
      default: return contents(json, "a new list", out.children);
    }
  }

  // What belongs to XML elements only, and what only they may have in them.
  bool whole(const NewType& type, const Fields& fields) {
    if (fields.size() > 1 && type.kind != TypeKind::xml_element) {
      return fail("only an xml_element has attributes and children");
    }
    const bool xml = type.kind == TypeKind::xml_element || type.kind == TypeKind::xml_fragment;
    if (xml && !std::ranges::all_of(type.children, is_xml_node)) {
      return fail("XML takes only xml_element and xml_text");
    }
    return true;
  }

  bool text_of_type(std::string_view json, NewType& out) {
    if (!json.starts_with('"')) {
      const auto inserts = [](const DeltaStep& step) { return step.insert || !step.embed.empty(); };
      return delta(json, out.delta) && (std::ranges::all_of(out.delta, inserts) ||
                                        fail("in a new text there is nothing but insert"));
    }
    DeltaStep step;
    step.insert = json_text_replaced(json);
    out.delta.push_back(std::move(step));
    return true;
  }

  bool entries(std::string_view json, NewType& out) {
    Fields fields;
    if (!object(json, fields)) return false;
    for (auto& [name, slice] : fields) {
      std::vector<Content> read;
      if (!key_fits(name) || !content(slice, read)) return false;
      out.entries.emplace_back(std::move(name), std::move(read.front()));
    }
    return true;
  }

  // ---- changes of a text

  bool delta(std::string_view json, std::vector<DeltaStep>& out) {
    return array(json, "delta",
                 [&](std::string_view step) { return delta_step(step, out.emplace_back()); });
  }

  bool delta_step(std::string_view json, DeltaStep& out) {
    Fields fields;
    if (!object(json, fields)) return false;
    unsigned acts = 0;
    for (const auto& [name, slice] : fields) {
      if (name == "attributes") {
        if (!attributes(slice, out.attributes)) return false;
        if (out.attributes.size() > kMaxFormats) return fail("more than 64 attributes");
        continue;
      }
      ++acts;
      if (!act(name, slice, out)) return false;
    }
    if (out.remove > 0 && !out.attributes.empty()) return fail("a deletion has no attributes");
    return acts == 1 || fail("a step of a delta is one of insert, retain, delete");
  }

  bool act(std::string_view name, std::string_view json, DeltaStep& out) {
    if (name == "insert") {
      if (json.starts_with('"')) return out.insert = json_text_replaced(json), true;
      return content(json, out.embed) && embeddable(out.embed.front());
    }
    uint64_t units = 0;
    if (!count(json, "a step of a delta", units)) return false;
    if (name == "retain") return out.retain = static_cast<uint32_t>(units), true;
    if (name == "delete") return out.remove = static_cast<uint32_t>(units), true;
    return fail("a step of a delta is one of insert, retain, delete");
  }

  bool embeddable(const Content& content) {
    const bool fits = content.value() == nullptr || content.value()->json().starts_with('{');
    return fits || fail("what is embedded is neither an object nor a type");
  }

  std::string& why_;
};

}  // namespace

bool is_xml_node(const Content& content) {
  const NewType* type = content.type();
  return type != nullptr &&
         (type->kind == TypeKind::xml_element || type->kind == TypeKind::xml_text);
}

std::string Refusal::text() const {
  return operation ? "operation " + std::to_string(*operation) + ": " + why : why;
}

Result<std::vector<Operation>> read_operations(std::string_view json, Refusal& why) {
  why = {};
  const auto refuse = [&](Status status, std::string words) {
    why.why = std::move(words);
    return status;
  };
  if (json.size() > kMaxOperationsBytes) return refuse(Status::too_large, "more than a MiB");
  if (!valid_utf8(as_bytes(json)) || !is_json(json, kMaxOperationDepth)) {
    return refuse(Status::malformed, "no JSON, or nested too deep");
  }
  JsonReader in(json);
  if (in.next() != '[') return refuse(Status::malformed, "no array");
  in.enter('[');
  std::vector<Operation> out;
  while (in.element()) {
    if (out.size() == kMaxOperations) {
      why.operation.reset();
      return refuse(Status::too_large, "more than 4096 operations");
    }
    why.operation = out.size();
    OperationReader reader(why.why);
    Operation& operation = out.emplace_back();
    if (!reader.read(in.value(kMaxOperationDepth), operation)) return Status::malformed;
  }
  why = {};
  return out;
}

}  // namespace freshet::crdt
