#include "ops.h"

#include <functional>
#include <map>
#include <stdexcept>

namespace freshet::conformance {

using crdt::Attributes;
using crdt::Content;
using crdt::DeltaStep;
using crdt::NewType;
using crdt::SharedType;
using crdt::Transaction;
using crdt::TypeKind;
using crdt::Value;

namespace {

Value value_of(const Json& tagged) {
  Buffer any;
  write_any(tagged, any);
  Result<Value> value = Value::from_any(any);
  if (!value) throw std::runtime_error("no value");
  return *std::move(value);
}

Attributes attributes_of(const Json& tagged) {
  Attributes attributes;
  if (tagged.contains("$o")) {
    for (const Json& entry : tagged["$o"]) attributes.emplace_back(entry[0], value_of(entry[1]));
  } else {
    for (const auto& [key, value] : tagged.items()) attributes.emplace_back(key, value_of(value));
  }
  return attributes;
}

std::vector<Content> contents_of(const Json& list);

// As a Map of JavaScript: of entries with one key the last counts, in the place of the first.
std::vector<std::pair<std::string, Content>> entries_of(const Json& list);

std::vector<DeltaStep> delta_of(const Json& list);

Content content_of(const Json& tagged) {
  static const std::map<std::string, TypeKind> kinds = {{"array", TypeKind::array},
                                                        {"map", TypeKind::map},
                                                        {"text", TypeKind::text},
                                                        {"xmlelement", TypeKind::xml_element},
                                                        {"xmlfragment", TypeKind::xml_fragment},
                                                        {"xmlhook", TypeKind::xml_hook},
                                                        {"xmltext", TypeKind::xml_text}};
  if (!tagged.is_object() || !tagged.contains("$new")) return value_of(tagged);
  const std::string kind = tagged["$new"];
  if (kind == "doc") {
    return crdt::NewSubdocument{
        .guid = tagged.at("guid"),
        .collect_garbage = tagged.value("gc", true),
        .auto_load = tagged.value("autoLoad", false),
        .meta = tagged.contains("meta") ? value_of(tagged["meta"]) : Value()};
  }
  NewType type{.kind = kinds.at(kind), .name = tagged.value("name", "")};
  for (const char* field : {"items", "children"}) {
    if (tagged.contains(field)) type.children = contents_of(tagged[field]);
  }
  for (const char* field : {"entries", "attrs"}) {
    if (tagged.contains(field)) type.entries = entries_of(tagged[field]);
  }
  if (tagged.contains("delta")) type.delta = delta_of(tagged["delta"]);
  return type;
}

std::vector<Content> contents_of(const Json& list) {
  std::vector<Content> contents;
  for (const Json& tagged : list) contents.push_back(content_of(tagged));
  return contents;
}

std::vector<std::pair<std::string, Content>> entries_of(const Json& list) {
  std::vector<std::pair<std::string, Content>> entries;
  for (const Json& pair : list) {
    const std::string key = pair[0];
    const auto same = std::find_if(entries.begin(), entries.end(),
                                   [&](const auto& entry) { return entry.first == key; });
    if (same == entries.end()) {
      entries.emplace_back(key, content_of(pair[1]));
    } else {
      same->second = content_of(pair[1]);
    }
  }
  return entries;
}

std::vector<DeltaStep> delta_of(const Json& list) {
  std::vector<DeltaStep> delta;
  for (const Json& op : list) {
    DeltaStep& step = delta.emplace_back();
    if (op.contains("insert") && op["insert"].is_string()) {
      step.insert = op["insert"].get<std::string>();
    } else if (op.contains("insert")) {
      step.embed.push_back(content_of(op["insert"]));
    }
    step.retain = op.value("retain", 0u);
    step.remove = op.value("delete", 0u);
    if (op.contains("attributes")) step.attributes = attributes_of(op["attributes"]);
  }
  return delta;
}

using Perform = std::function<Status(const Json&, SharedType, Transaction&)>;

Status insert_text(const Json& op, SharedType type, Transaction& edit) {
  const std::string text = op.at("s");
  if (!op.contains("a")) return edit.insert(type, op.at("i"), text);
  return edit.insert(type, op.at("i"), text, attributes_of(op["a"]));
}

Status set(const Json& op, SharedType type, Transaction& edit) {
  return edit.set(type, op.at("k").get<std::string>(), content_of(op.at("v")));
}

Status erase(const Json& op, SharedType type, Transaction& edit) {
  return edit.erase(type, op.at("k").get<std::string>());
}

const std::map<std::string, Perform>& performers() {
  static const std::map<std::string, Perform> all = {
      {"t.ins", insert_text},
      {"t.emb",
       [](const Json& op, SharedType type, Transaction& edit) {
         return edit.insert_embed(type, op.at("i"), content_of(op.at("v")),
                                  op.contains("a") ? attributes_of(op["a"]) : Attributes());
       }},
      {"t.del", [](const Json& op, SharedType type,
                   Transaction& edit) { return edit.remove_text(type, op.at("i"), op.at("n")); }},
      {"t.fmt",
       [](const Json& op, SharedType type, Transaction& edit) {
         return edit.format(type, op.at("i"), op.at("n"), attributes_of(op.at("a")));
       }},
      {"t.delta", [](const Json& op, SharedType type,
                     Transaction& edit) { return edit.apply_delta(type, delta_of(op.at("d"))); }},
      {"a.ins",
       [](const Json& op, SharedType type, Transaction& edit) {
         return edit.insert(type, op.at("i"), contents_of(op.at("v")));
       }},
      {"a.push", [](const Json& op, SharedType type,
                    Transaction& edit) { return edit.push(type, contents_of(op.at("v"))); }},
      {"a.del", [](const Json& op, SharedType type,
                   Transaction& edit) { return edit.remove(type, op.at("i"), op.at("n")); }},
      {"m.set", set},
      {"attr.set", set},
      {"m.del", erase},
      {"attr.del", erase},
      {"m.clear", [](const Json&, SharedType type, Transaction& edit) { return edit.clear(type); }},
  };
  return all;
}

}  // namespace

Result<SharedType> type_at(const Json& path, Transaction& edit) {
  SharedType type = edit.root(path.at(0).get<std::string>());
  for (size_t i = 1; i < path.size(); ++i) {
    if (path[i].is_string()) {
      FRESHET_TRY(type, edit.child(type, path[i].get<std::string>()));
    } else {
      FRESHET_TRY(type, edit.child(type, path[i].get<uint64_t>()));
    }
  }
  return type;
}

Status perform(const Json& op, Transaction& edit) {
  FRESHET_TRY(const SharedType type, type_at(op.at("p"), edit));
  return performers().at(op.at("o").get<std::string>())(op, type, edit);
}

}  // namespace freshet::conformance
