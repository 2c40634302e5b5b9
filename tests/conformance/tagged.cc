#include "tagged.h"

#include <bit>
#include <cmath>
#include <map>

#include "freshet/crdt/limits.h"
#include "values/values.h"

namespace freshet::conformance {

using crdt::Item;
using crdt::Kind;
using crdt::kNil;
using crdt::Tree;

namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Json tagged_number(double value) {
  if (value == 0 && std::signbit(value)) return {{"$n", "-0"}};
  if (std::isnan(value)) return {{"$n", "NaN"}};
  if (std::isinf(value)) return {{"$n", value > 0 ? "Infinity" : "-Infinity"}};
  return value;
}

// Later entries of the same key take the first one's place.
Json tagged_object(const std::vector<std::pair<std::string, Json>>& entries) {
  std::vector<std::pair<std::string, Json>> kept;
  bool odd = false;
  for (const auto& [key, value] : entries) {
    if (key == "__proto__") continue;
    odd |= key.starts_with('$');
    const std::string& name = key;
    const auto same = std::find_if(kept.begin(), kept.end(),
                                   [&](const auto& entry) { return entry.first == name; });
    if (same == kept.end()) {
      kept.emplace_back(key, value);
    } else {
      same->second = value;
    }
  }
  Json object = odd ? Json::array() : Json::object();
  for (const auto& [key, value] : kept) {
    if (odd) {
      object.push_back(Json::array({key, value}));
    } else {
      object[key] = value;
    }
  }
  return odd ? Json{{"$o", object}} : object;
}

double big_endian(Bytes bytes) {
  uint64_t bits = 0;
  for (const uint8_t byte : bytes) bits = bits << 8 | byte;
  return bytes.size() == 4 ? double{std::bit_cast<float>(static_cast<uint32_t>(bits))}
                           : std::bit_cast<double>(bits);
}

}  // namespace

std::string to_base64(Bytes bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) group = group << 8 | (i + j < bytes.size() ? bytes[i + j] : 0u);
    for (size_t j = 0; j < 4; ++j) {
      text += i + j > bytes.size() ? '=' : kDigits[group >> (18 - 6 * j) & 63];
    }
  }
  return text;
}

Buffer from_base64(const std::string& text) {
  Buffer bytes;
  uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    group = group << 6 | static_cast<uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<uint8_t>(group >> bits));
  }
  return bytes;
}

Json tagged_any(Reader& in) {
  switch (in.u8()) {
    case 127: return {{"$u", 1}};
    case 126: return nullptr;
    case 125: {
      const SignedMagnitude value = in.varint();
      const auto number = static_cast<double>(value.magnitude);
      return tagged_number(value.negative ? -number : number);
    }
    case 124: return tagged_number(big_endian(in.take(4)));
    case 123: return tagged_number(big_endian(in.take(8)));
    case 122: {
      const auto bits = std::bit_cast<int64_t>(big_endian(in.take(8)));
      return {{"$i", std::to_string(bits)}};
    }
    case 121: return false;
    case 120: return true;
    case 119: return std::string(in.string());
    case 118: {
      std::vector<std::pair<std::string, Json>> entries;
      for (uint64_t left = in.varuint(); left > 0 && in.ok(); --left) {
        std::string key(in.string());
        Json value = tagged_any(in);
        entries.emplace_back(std::move(key), std::move(value));
      }
      return tagged_object(entries);
    }
    case 117: {
      Json array = Json::array();
      for (uint64_t left = in.varuint(); left > 0 && in.ok(); --left) {
        array.push_back(tagged_any(in));
      }
      return array;
    }
    default: return {{"$b", to_base64(in.bytes())}};
  }
}

void write_any(const Json& tagged, Buffer& out) {
  Writer writer(out);
  const auto special = [&](const char* tag) { return tagged.is_object() && tagged.contains(tag); };
  if (tagged.is_null()) return writer.u8(126);
  if (tagged.is_boolean()) return writer.u8(tagged.get<bool>() ? 120 : 121);
  if (tagged.is_number()) return crdt::append_any_number(tagged.get<double>(), out);
  if (tagged.is_string()) {
    writer.u8(119);
    return writer.string(tagged.get<std::string>());
  }
  if (tagged.is_array()) {
    writer.u8(117);
    writer.varuint(tagged.size());
    for (const Json& element : tagged) write_any(element, out);
    return;
  }
  if (special("$u")) return writer.u8(127);
  if (special("$n")) {
    const std::map<std::string, double> numbers = {
        {"-0", -0.0}, {"NaN", NAN}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY}};
    return crdt::append_any_number(numbers.at(tagged["$n"]), out);
  }
  if (special("$i")) {
    writer.u8(122);
    const std::string digits = tagged["$i"];
    const uint64_t bits =
        digits[0] == '-' ? 0 - std::stoull(digits.substr(1)) : std::stoull(digits);
    for (int i = 0; i < 8; ++i) writer.u8(static_cast<uint8_t>(bits >> (56 - 8 * i)));
    return;
  }
  if (special("$b")) {
    writer.u8(116);
    return writer.bytes(from_base64(tagged["$b"]));
  }
  // JavaScript's order: array indices first, ascending.
  std::vector<std::pair<std::string, Json>> entries, indices;
  const auto add = [&](const std::string& key, const Json& value) {
    const bool digits = !key.empty() && key.size() <= 10 &&
                        key.find_first_not_of("0123456789") == std::string::npos;
    const bool index = digits && (key == "0" || key[0] != '0') && std::stoull(key) < 4294967295u;
    (index ? indices : entries).emplace_back(key, value);
  };
  if (special("$o")) {
    for (const Json& entry : tagged["$o"]) add(entry[0], entry[1]);
  } else {
    for (const auto& [key, value] : tagged.items()) add(key, value);
  }
  std::sort(indices.begin(), indices.end(), [](const auto& a, const auto& b) {
    return std::stoull(a.first) < std::stoull(b.first);
  });
  indices.insert(indices.end(), entries.begin(), entries.end());
  writer.u8(118);
  writer.varuint(indices.size());
  for (const auto& [key, value] : indices) {
    writer.string(key);
    write_any(value, out);
  }
}

namespace {

Json tag_parsed(const Json& value) {
  if (value.is_array()) {
    Json array = Json::array();
    for (const Json& element : value) array.push_back(tag_parsed(element));
    return array;
  }
  if (!value.is_object()) return value;
  std::vector<std::pair<std::string, Json>> entries;
  for (const auto& [key, element] : value.items()) entries.emplace_back(key, tag_parsed(element));
  return tagged_object(entries);
}

bool truthy(const Json& value) {
  if (value.is_object() && value.contains("$u")) return false;
  if (value.is_object() && value.contains("$n")) return value["$n"] != "-0" && value["$n"] != "NaN";
  if (value.is_object() && value.contains("$i")) return value["$i"] != "0";
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>() != 0;
  if (value.is_string()) return !value.get<std::string>().empty();
  return !value.is_null();
}

bool undefined(const Json& value) { return value.is_object() && value.contains("$u"); }

// Yjs keeps three of a subdocument's options, and lets an option named guid win over the guid.
Json tagged_doc(Bytes content) {
  Reader in(content);
  std::string guid(in.string());
  Json options = tagged_any(in);
  Json entries = Json::object();
  if (options.contains("$o")) {
    for (const Json& entry : options["$o"]) entries[entry[0].get<std::string>()] = entry[1];
  } else {
    entries = options;
  }
  Json kept = Json::object();
  if (entries.contains("gc") && !undefined(entries["gc"]) && !truthy(entries["gc"])) {
    kept["gc"] = false;
  }
  if (entries.contains("autoLoad") && truthy(entries["autoLoad"])) kept["autoLoad"] = true;
  if (entries.contains("meta") && !entries["meta"].is_null() && !undefined(entries["meta"])) {
    kept["meta"] = entries["meta"];
  }
  if (entries.contains("guid") && entries["guid"].is_string()) guid = entries["guid"];
  return {{"$t", "doc"}, {"guid", guid}, {"opts", kept}};
}

const std::string& kind_name(uint8_t ref) {
  static const std::vector<std::string> names = {"array",       "map",     "text",   "xmlelement",
                                                 "xmlfragment", "xmlhook", "xmltext"};
  return names.at(ref);
}

class TaggedView {
 public:
  TaggedView(const Tree& tree, size_t depth) : tree_(tree), depth_(depth) {}

  Json units(const Item& item, uint32_t from, uint32_t to) {
    Json out = Json::array();
    for (uint32_t i = from; i < to; ++i) {
      switch (item.kind()) {
        case Kind::any: {
          Reader in(tree_.values_of(item, i));
          out.push_back(tagged_any(in));
          break;
        }
        case Kind::json: {
          const auto text = Reader(tree_.values_of(item, i)).string();
          out.push_back(text == "undefined" ? Json{{"$u", 1}} : tagged_json(text));
          break;
        }
        case Kind::string: out.push_back(text(item, i, 1)); break;
        case Kind::binary:
          out.push_back({{"$b", to_base64(Reader(tree_.values_of(item)).bytes())}});
          break;
        case Kind::embed: out.push_back(tagged_json(Reader(tree_.values_of(item)).string())); break;
        case Kind::doc: out.push_back(tagged_doc(tree_.values_of(item))); break;
        case Kind::type:
          out.push_back(tagged_type(tree_, item.content, kind_name(tree_.types[item.content].ref),
                                    depth_ + 1));
          break;
        default: break;
      }
    }
    return out;
  }

  template <class Visit>
  void each_child(uint32_t type, Visit visit) {
    const uint32_t list = tree_.types[type].children;
    for (uint32_t at = list == kNil ? kNil : tree_.lists[list].head; at != kNil;
         at = tree_.items[at].right) {
      if (!tree_.items[at].deleted) visit(tree_.items[at]);
    }
  }

  Json children(uint32_t type) {
    Json out = Json::array();
    each_child(type, [&](const Item& item) {
      if (item.kind() == Kind::format) return;
      for (Json& unit : units(item, 0, item.len)) out.push_back(std::move(unit));
    });
    return out;
  }

  Json entries(uint32_t type) {
    Json out = Json::array();
    for (uint32_t list = tree_.types[type].keys; list != kNil; list = tree_.lists[list].next) {
      const uint32_t tail = tree_.lists[list].tail;
      if (tail == kNil || tree_.items[tail].deleted) continue;
      const Item& item = tree_.items[tail];
      const Json value = units(item, item.len - 1, item.len);
      out.push_back(
          {tree_.names[tree_.lists[list].key], value.empty() ? Json{{"$u", 1}} : value[0]});
    }
    return out;
  }

  Json delta(uint32_t type) {
    Json out = Json::array();
    std::map<std::string, Json> formats;
    const auto push = [&](Json op) {
      if (!formats.empty()) op["a"] = Json::array();
      for (const auto& [key, value] : formats) op["a"].push_back(Json::array({key, value}));
      out.push_back(std::move(op));
    };
    each_child(type, [&](const Item& item) {
      if (item.kind() == Kind::string) {
        push({{"s", text(item, 0, item.len)}});
      } else if (item.kind() == Kind::embed || item.kind() == Kind::type) {
        push({{"e", units(item, 0, 1)[0]}});
      } else if (item.kind() == Kind::format) {
        Reader in(tree_.values_of(item));
        const std::string key(in.string());
        const Json value = tagged_json(in.string());
        if (value.is_null()) {
          formats.erase(key);
        } else {
          formats[key] = value;
        }
      }
    });
    return out;
  }

 private:
  std::string text(const Item& item, uint32_t from, uint32_t count) {
    Buffer bytes;
    tree_.text_of(item).copy(item.content + from, count, bytes);
    return std::string(as_text(bytes));
  }

  const Tree& tree_;
  size_t depth_;
};

}  // namespace

Json tagged_json(std::string_view text) { return tag_parsed(Json::parse(text)); }

Json tagged_empty(const std::string& kind) {
  Json out = {{"$t", kind}};
  if (kind == "text" || kind == "xmltext") out["d"] = Json::array();
  if (kind == "array" || kind == "map" || kind == "xmlhook") out["v"] = Json::array();
  if (kind == "xmlfragment" || kind == "xmlelement") out["c"] = Json::array();
  if (kind == "xmlelement") out["n"] = "UNDEFINED";
  return out;
}

Json tagged_type(const Tree& tree, uint32_t type, const std::string& kind, size_t depth) {
  if (depth > crdt::kMaxViewDepth) return nullptr;
  TaggedView view(tree, depth);
  Json out = {{"$t", kind}};
  const uint32_t name = tree.types[type].item == kNil ? kNil : tree.types[type].name;
  if (kind == "xmlelement") out["n"] = name == kNil ? "UNDEFINED" : tree.names[name];
  if (kind == "xmlhook") out["n"] = name == kNil ? Json() : Json(tree.names[name]);
  if (kind == "array") {
    out["v"] = view.children(type);
  } else if (kind == "map" || kind == "xmlhook") {
    out["v"] = view.entries(type);
  } else {
    const bool text = kind == "text" || kind == "xmltext";
    out[text ? "d" : "c"] = text ? view.delta(type) : view.children(type);
    if (Json attributes = view.entries(type); !attributes.empty()) out["a"] = attributes;
  }
  return out;
}

}  // namespace freshet::conformance
