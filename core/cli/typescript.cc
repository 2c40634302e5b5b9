#include "core/cli/typescript.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/cli/limits.h"

namespace freshet::cli {
namespace {

using OrderedJson = nlohmann::ordered_json;

// How tightly a type holds together: what has to be put in brackets inside of what.
enum class Binding { union_of, intersection, single };

struct Type {
  std::string text;
  Binding binding = Binding::single;
};

const Type kUnknown{"unknown"};

// As an element: in front of [] or ?.
std::string element_of(const Type& type) {
  return type.binding == Binding::single ? type.text : "(" + type.text + ")";
}

bool is_identifier(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
  };
  const auto part = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name.front()) && std::ranges::all_of(name, part);
}

std::string quoted(const std::string& text) {
  return OrderedJson(text).dump(-1, ' ', true, OrderedJson::error_handler_t::replace);
}

std::string property_name(const std::string& name) {
  return is_identifier(name) ? name : quoted(name);
}

// A schema's description, in front of what it describes.
std::string comment(const OrderedJson& schema, const std::string& indent) {
  if (!schema.is_object() || !schema.contains("description")) return "";
  const OrderedJson& described = schema["description"];
  if (!described.is_string() || described.get_ref<const std::string&>().empty()) return "";
  std::string text = described;
  for (size_t at = 0; (at = text.find("*/", at)) != std::string::npos; at += 3) {
    text.replace(at, 2, "*\\/");
  }
  std::erase(text, '\r');
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) {
    const std::string next = "\n" + indent + " * ";
    text.replace(at, 1, next);
    at += next.size();
  }
  return indent + "/** " + text + " */\n";
}

// `parts` with an operator between them, each once. REQUIRES: there are some.
Type joined(const std::vector<Type>& parts, Binding by) {
  std::vector<Type> kept;
  for (const Type& part : parts) {
    if (std::ranges::find(kept, part.text, &Type::text) == kept.end()) kept.push_back(part);
  }
  if (kept.size() == 1) return kept.front();
  std::string text;
  for (const Type& part : kept) {
    if (!text.empty()) text += by == Binding::union_of ? " | " : " & ";
    text += part.binding < by ? "(" + part.text + ")" : part.text;
  }
  return {text, by};
}

Type union_of(const std::vector<Type>& parts) {
  if (parts.empty()) return {"never"};
  for (const Type& part : parts) {
    if (part.text == kUnknown.text) return kUnknown;
  }
  return joined(parts, Binding::union_of);
}

Type intersection_of(std::vector<Type> parts) {
  std::erase_if(parts, [](const Type& part) { return part.text == kUnknown.text; });
  return parts.empty() ? kUnknown : joined(parts, Binding::intersection);
}

// Exactly this value.
std::string literal(const OrderedJson& value) {
  std::string text;
  if (value.is_array()) {
    for (const OrderedJson& element : value) text += (text.empty() ? "" : ", ") + literal(element);
    return "[" + text + "]";
  }
  if (!value.is_object()) return value.dump(-1, ' ', true, OrderedJson::error_handler_t::replace);
  for (const auto& [key, part] : value.items()) {
    text += (text.empty() ? "" : "; ") + property_name(key) + ": " + literal(part);
  }
  return text.empty() ? "Record<string, never>" : "{ " + text + " }";
}

// Names of types, no two the same.
class TypeNames {
 public:
  std::string fresh(std::string_view wanted) {
    std::string name;
    for (const char c : wanted) name += is_identifier(std::string("a") + c) ? c : '_';
    if (name.empty() || !is_identifier(name)) name.insert(0, "_");
    if (name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
    const std::string first = name;
    for (int next = 2; !used_.insert(name).second; ++next) name = first + std::to_string(next);
    return name;
  }

 private:
  std::set<std::string> used_ = {"Procedures", "Inputs", "Events", "Outputs", "Record", "Array"};
};

// The types of one schema: its own, and those it refers to, each under a name.
class SchemaTypes {
 public:
  SchemaTypes(const OrderedJson& root, std::string name, TypeNames& names)
      : root_(root), names_(names), name_(std::move(name)) {
    named_.emplace("#", name_);
  }

  // Declarations, one after the other.
  std::string declare() {
    std::string out = declaration(name_, root_);
    // What is found while one is written is written after it.
    for (size_t next = 0; next < waiting_.size(); ++next) {
      const auto [name, schema] = waiting_[next];
      out += declaration(name, *schema);
    }
    return out;
  }

 private:
  std::string declaration(const std::string& name, const OrderedJson& schema) {
    return comment(schema, "") + "export type " + name + " = " + type(schema, "", 0).text + "\n\n";
  }

  Type type(const OrderedJson& schema, const std::string& indent, unsigned depth) {
    if (schema.is_boolean()) return schema.get<bool>() ? kUnknown : Type{"never"};
    if (!schema.is_object() || depth > kMaxSchemaDepth) return kUnknown;
    if (schema.contains("$ref")) return reference(schema["$ref"]);
    std::vector<Type> parts;
    if (schema.contains("const")) {
      parts.push_back({literal(schema["const"])});
    } else if (schema.contains("enum") && schema["enum"].is_array()) {
      std::vector<Type> values;
      for (const OrderedJson& value : schema["enum"]) values.push_back({literal(value)});
      parts.push_back(union_of(values));
    } else {
      parts.push_back(by_type(schema, indent, depth));
    }
    for (const char* keyword : {"anyOf", "oneOf"}) {
      if (has_list(schema, keyword)) parts.push_back(union_of(all(schema[keyword], indent, depth)));
    }
    if (has_list(schema, "allOf")) {
      for (const Type& part : all(schema["allOf"], indent, depth)) parts.push_back(part);
    }
    return intersection_of(std::move(parts));
  }

  static bool has_list(const OrderedJson& schema, const char* keyword) {
    return schema.contains(keyword) && schema[keyword].is_array() && !schema[keyword].empty();
  }

  std::vector<Type> all(const OrderedJson& schemas, const std::string& indent, unsigned depth) {
    std::vector<Type> out;
    for (const OrderedJson& schema : schemas) out.push_back(type(schema, indent, depth + 1));
    return out;
  }

  // "#/$defs/node": a place in the same schema. Any other is unknown.
  Type reference(const OrderedJson& to) {
    if (!to.is_string()) return kUnknown;
    const std::string pointer = to;
    if (const auto known = named_.find(pointer); known != named_.end()) {
      return loops(find(pointer)) ? kUnknown : Type{known->second};
    }
    const OrderedJson* found = find(pointer);
    if (found == nullptr || loops(found)) return kUnknown;
    const std::string name = names_.fresh(name_ + "_" + pointer.substr(pointer.rfind('/') + 1));
    named_.emplace(pointer, name);
    waiting_.emplace_back(name, found);
    return {name};
  }

  // RFC 6901, behind a '#'.
  const OrderedJson* find(std::string_view pointer) const {
    if (!pointer.starts_with("#")) return nullptr;
    const OrderedJson* at = &root_;
    for (pointer.remove_prefix(1); at != nullptr && !pointer.empty();) {
      if (pointer.front() != '/') return nullptr;
      const size_t end = std::min(pointer.find('/', 1), pointer.size());
      at = member(*at, unescaped(pointer.substr(1, end - 1)));
      pointer.remove_prefix(end);
    }
    return at;
  }

  static const OrderedJson* member(const OrderedJson& of, const std::string& name) {
    if (of.is_object()) {
      const auto found = of.find(name);
      return found == of.end() ? nullptr : &*found;
    }
    size_t index = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    const bool good = of.is_array() && error == std::errc() && end == name.data() + name.size();
    return good && index < of.size() ? &of[index] : nullptr;
  }

  static std::string unescaped(std::string_view token) {
    std::string out;
    for (size_t at = 0; at < token.size(); ++at) {
      const bool escape = token[at] == '~' && at + 1 < token.size();
      out += !escape ? token[at] : token[++at] == '1' ? '/' : '~';
    }
    return out;
  }

  // Whether a schema is itself, or this or itself: no type can be that. In a property it may be.
  bool loops(const OrderedJson* start) const {
    std::vector<const OrderedJson*> open = {start};
    std::set<const OrderedJson*> known;
    while (!open.empty()) {
      const OrderedJson& schema = *open.back();
      open.pop_back();
      if (!schema.is_object()) continue;
      std::vector<const OrderedJson*> next;
      if (const auto to = schema.find("$ref"); to != schema.end() && to->is_string()) {
        next.push_back(find(to->get_ref<const std::string&>()));
      }
      for (const char* keyword : {"anyOf", "oneOf", "allOf"}) {
        if (!has_list(schema, keyword)) continue;
        for (const OrderedJson& part : schema[keyword]) next.push_back(&part);
      }
      for (const OrderedJson* one : next) {
        if (one == start) return true;
        if (one != nullptr && known.insert(one).second) open.push_back(one);
      }
    }
    return false;
  }

  Type by_type(const OrderedJson& schema, const std::string& indent, unsigned depth) {
    const auto declared = schema.find("type");
    if (declared == schema.end()) {
      if (schema.contains("properties") || schema.contains("required")) {
        return object(schema, indent, depth);
      }
      const bool list = schema.contains("items") || schema.contains("prefixItems");
      return list ? array(schema, indent, depth) : kUnknown;
    }
    if (!declared->is_array()) return simple(*declared, schema, indent, depth);
    std::vector<Type> kinds;
    for (const OrderedJson& kind : *declared) kinds.push_back(simple(kind, schema, indent, depth));
    return union_of(kinds);
  }

  Type simple(const OrderedJson& kind, const OrderedJson& schema, const std::string& indent,
              unsigned depth) {
    if (kind == "object") return object(schema, indent, depth);
    if (kind == "array") return array(schema, indent, depth);
    if (kind == "integer" || kind == "number") return {"number"};
    for (const char* same : {"string", "boolean", "null"}) {
      if (kind == same) return {same};
    }
    return kUnknown;
  }

  // ---- objects

  Type object(const OrderedJson& schema, const std::string& indent, unsigned depth) {
    const std::string deeper = indent + "  ";
    std::vector<std::string> required;
    if (has_list(schema, "required")) {
      for (const OrderedJson& name : schema["required"]) {
        if (name.is_string()) required.push_back(name);
      }
    }
    std::string members;
    const auto properties = schema.find("properties");
    const bool described = properties != schema.end() && properties->is_object();
    if (described) {
      for (const auto& [name, part] : properties->items()) {
        const bool must = std::ranges::find(required, name) != required.end();
        members += comment(part, deeper) + deeper + property_name(name) + (must ? ": " : "?: ") +
                   type(part, deeper, depth + 1).text + "\n";
        std::erase(required, name);
      }
    }
    for (const std::string& name : required) {
      members += deeper + property_name(name) + ": unknown\n";
    }
    const Type rest = others(schema, members.empty(), indent, depth);
    if (members.empty()) return rest;
    return intersection_of({{"{\n" + members + indent + "}"}, rest});
  }

  // Under names that are no properties. Nothing is said of them: nothing is known of them, and they
  // are not mentioned.
  Type others(const OrderedJson& schema, bool only, const std::string& indent, unsigned depth) {
    const auto more = schema.find("additionalProperties");
    const bool patterns = schema.contains("patternProperties");
    const bool silent = more == schema.end() && !patterns;
    if (silent && !only) return kUnknown;
    if (more != schema.end() && !patterns) {
      if (*more == false) return only ? Type{"Record<string, never>"} : kUnknown;
      const Type value = type(*more, indent, depth + 1);
      return {"{ [key: string]: " + value.text + " }"};
    }
    return {"{ [key: string]: unknown }"};
  }

  // ---- arrays

  Type array(const OrderedJson& schema, const std::string& indent, unsigned depth) {
    const auto items = schema.find("items");
    const bool old_tuple = items != schema.end() && items->is_array();
    if (old_tuple) return tuple(*items, schema, "additionalItems", indent, depth);
    if (has_list(schema, "prefixItems")) {
      return tuple(schema["prefixItems"], schema, "items", indent, depth);
    }
    const Type element = items == schema.end() ? kUnknown : type(*items, indent, depth + 1);
    return {element_of(element) + "[]"};
  }

  Type tuple(const OrderedJson& elements, const OrderedJson& schema, const char* others,
             const std::string& indent, unsigned depth) {
    const auto least = schema.find("minItems");
    const size_t must =
        least != schema.end() && least->is_number_unsigned() ? least->get<size_t>() : 0;
    std::string text;
    size_t at = 0;
    for (const Type& element : all(elements, indent, depth)) {
      text += text.empty() ? "" : ", ";
      text += at++ < must ? element.text : element_of(element) + "?";
    }
    const auto rest = schema.find(others);
    if (rest == schema.end() || *rest != false) {
      const Type more = rest == schema.end() ? kUnknown : type(*rest, indent, depth + 1);
      text += (text.empty() ? "..." : ", ...") + element_of(more) + "[]";
    }
    return {"[" + text + "]"};
  }

  const OrderedJson& root_;
  TypeNames& names_;
  const std::string name_;
  std::map<std::string, std::string> named_;                         // by reference
  std::vector<std::pair<std::string, const OrderedJson*>> waiting_;  // to be declared
};

// All procedures, and what can be said of them together.
class File {
 public:
  std::string text(const OrderedJson& procedures) {
    for (const OrderedJson& procedure : procedures) add(procedure);
    std::string events;
    for (const auto& [event, types] : events_) {
      events += "  " + property_name(event) + ": " + union_of(types).text + "\n";
    }
    return "// Made by `freshet schema --typescript`: the procedures of a Freshet server.\n\n" +
           declarations_ + "/** What each procedure takes. */\nexport interface Inputs {\n" +
           inputs_ + "}\n\n" +
           "/** What comes of procedures, by the name of the event. */\nexport interface Events "
           "{\n" +
           events + "}\n\n" +
           "/** Which of these events come of which procedure. */\nexport interface Outputs {\n" +
           outputs_ + "}\n";
  }

 private:
  void add(const OrderedJson& procedure) {
    const std::string name = procedure.at("name");
    std::string input = kUnknown.text;
    if (procedure.contains("input")) input = declare(procedure["input"], name + "Input");
    inputs_ += "  " + property_name(name) + ": " + input + "\n";
    std::string outputs;
    if (procedure.contains("outputs") && procedure["outputs"].is_object()) {
      for (const auto& [event, schema] : procedure["outputs"].items()) {
        const Type type{declare(schema, event + "Event")};
        events_[event].push_back(type);
        outputs += (outputs.empty() ? "" : "; ") + property_name(event) + ": " + type.text;
      }
    }
    outputs_ += "  " + property_name(name) + ": " +
                (outputs.empty() ? "Record<string, never>" : "{ " + outputs + " }") + "\n";
  }

  // The name of the type. Of equal schemas for one event there is one.
  std::string declare(const OrderedJson& schema, const std::string& wanted) {
    std::string& known =
        declared_[wanted + schema.dump(-1, ' ', false, OrderedJson::error_handler_t::replace)];
    if (known.empty()) {
      known = names_.fresh(wanted);
      declarations_ += SchemaTypes(schema, known, names_).declare();
    }
    return known;
  }

  TypeNames names_;
  std::map<std::string, std::string> declared_;  // by what was wanted, and the schema
  std::string declarations_, inputs_, outputs_;
  std::map<std::string, std::vector<Type>> events_;
};

}  // namespace

std::string typescript_of(const OrderedJson& procedures) { return File().text(procedures); }

}  // namespace freshet::cli
