// freshet/format/edits.h: the list of operations that freshet_crdt.edit takes, made in C++.
//
//   freshet::Edits edits;
//   edits.set(edit::map("task"), "done", edit::json("true"))
//       .insert_text(edit::text("notes"), 0, "Hello")
//       .push(edit::array("log"), {edit::new_map({{"by", edit::string("ann")}})});
//   std::string operations = edits.json();
//
// Plain values, any thread. Nothing is checked here but what the types say: the engine checks all
// of it before it does any of it. docs/edits.md has the JSON, and what each operation wants.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/format/json.h"

namespace freshet {
namespace edit {

// A shared type: a root of that kind, or what is in it, in it ...
class Target {
 public:
  Target(std::string_view root, std::string_view kind) {
    fields_ = "\"root\":";
    append_json_string(fields_, root);
    fields_ += ",\"kind\":";
    append_json_string(fields_, kind);
  }

  // The type at this index of the list, or under this key.
  Target at(uint64_t index) const { return then(std::to_string(index)); }
  Target at(std::string_view key) const {
    std::string step;
    append_json_string(step, key);
    return then(step);
  }

  // As fields of an operation, without braces.
  std::string json() const {
    return path_.empty() ? fields_ : fields_ + ",\"path\":[" + path_ + ']';
  }

 private:
  Target then(std::string_view step) const {
    Target deeper = *this;
    if (!deeper.path_.empty()) deeper.path_ += ',';
    deeper.path_ += step;
    return deeper;
  }

  std::string fields_, path_;
};

inline Target text(std::string_view root) { return {root, "text"}; }
inline Target array(std::string_view root) { return {root, "array"}; }
inline Target map(std::string_view root) { return {root, "map"}; }
inline Target xml_fragment(std::string_view root) { return {root, "xml_fragment"}; }
inline Target xml_element(std::string_view root) { return {root, "xml_element"}; }
inline Target xml_text(std::string_view root) { return {root, "xml_text"}; }

// What is put into a list, under a key, or between characters.
class Content {
 public:
  // Of these fields of a JSON object.
  explicit Content(std::string fields) : json_('{' + std::move(fields) + '}') {}
  const std::string& json() const { return json_; }

 private:
  std::string json_;
};

// REQUIRES: one JSON value.
inline Content json(std::string_view value) { return Content("\"value\":" + std::string(value)); }
inline Content string(std::string_view value) {
  std::string fields = "\"value\":";
  append_json_string(fields, value);
  return Content(std::move(fields));
}

using Entries = std::vector<std::pair<std::string, Content>>;

// Names and values, each of them JSON: formats of text, attributes of XML. Null ends a format.
using Attributes = std::vector<std::pair<std::string, std::string>>;

namespace detail {

inline std::string list(const std::vector<Content>& contents) {
  std::string out;
  for (const Content& content : contents) out += (out.empty() ? "" : ",") + content.json();
  return '[' + out + ']';
}

inline void entry(std::string& out, std::string_view key, std::string_view value) {
  if (!out.empty()) out += ',';
  append_json_string(out, key);
  out += ':';
  out += value;
}

inline std::string object(const Attributes& attributes) {
  std::string out;
  for (const auto& [name, value] : attributes) entry(out, name, value);
  return '{' + out + '}';
}

inline std::string literal(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace detail

// The steps of a change to a text, from its beginning.
class Delta {
 public:
  Delta& insert(std::string_view text, const Attributes& attributes = {}) {
    return step("\"insert\":" + detail::literal(text), attributes);
  }
  Delta& insert(const Content& embed, const Attributes& attributes = {}) {
    return step("\"insert\":" + embed.json(), attributes);
  }
  // UTF-16 code units.
  Delta& retain(uint64_t units, const Attributes& attributes = {}) {
    return step("\"retain\":" + std::to_string(units), attributes);
  }
  Delta& remove(uint64_t units) { return step("\"delete\":" + std::to_string(units), {}); }

  std::string json() const { return '[' + steps_ + ']'; }

 private:
  Delta& step(const std::string& fields, const Attributes& attributes) {
    if (!steps_.empty()) steps_ += ',';
    steps_ += '{' + fields;
    if (!attributes.empty()) steps_ += ",\"attributes\":" + detail::object(attributes);
    steps_ += '}';
    return *this;
  }

  std::string steps_;
};

// New shared types, with what they begin with. The delta of a new text only inserts.
inline Content new_text(std::string_view text) {
  return Content("\"text\":" + detail::literal(text));
}
inline Content new_text(const Delta& delta) { return Content("\"text\":" + delta.json()); }
inline Content new_array(const std::vector<Content>& contents = {}) {
  return Content("\"array\":" + detail::list(contents));
}
inline Content new_map(const Entries& entries = {}) {
  std::string out;
  for (const auto& [key, content] : entries) detail::entry(out, key, content.json());
  return Content("\"map\":{" + out + '}');
}
inline Content new_xml_element(std::string_view name, const Attributes& attributes = {},
                               const std::vector<Content>& children = {}) {
  return Content("\"xml_element\":" + detail::literal(name) + ",\"attributes\":" +
                 detail::object(attributes) + ",\"children\":" + detail::list(children));
}
inline Content new_xml_text(std::string_view text) {
  return Content("\"xml_text\":" + detail::literal(text));
}
inline Content new_xml_text(const Delta& delta) { return Content("\"xml_text\":" + delta.json()); }

}  // namespace edit

// Operations, each done on what those before it have made. Indices and counts are of UTF-16 code
// units in text and of elements elsewhere.
class Edits {
 public:
  using Target = edit::Target;
  using Content = edit::Content;
  using Contents = std::vector<edit::Content>;
  using Attributes = edit::Attributes;

  bool empty() const { return operations_.empty(); }
  std::string json() const { return '[' + operations_ + ']'; }

  // Text. What is inserted takes the formats of what is left of it, unless attributes are given.
  Edits& insert_text(const Target& text, uint64_t index, std::string_view inserted) {
    return add("insert_text", text, index_is(index) + text_is(inserted));
  }
  Edits& insert_text(const Target& text, uint64_t index, std::string_view inserted,
                     const Attributes& attributes) {
    return add("insert_text", text, index_is(index) + text_is(inserted) + with(attributes));
  }
  // An object, or a new type.
  Edits& embed(const Target& text, uint64_t index, const Content& content,
               const Attributes& attributes = {}) {
    return add("embed", text, index_is(index) + content_is(content) + with(attributes));
  }
  Edits& remove_text(const Target& text, uint64_t index, uint64_t count) {
    return add("remove_text", text, index_is(index) + count_is(count));
  }
  Edits& format(const Target& text, uint64_t index, uint64_t count, const Attributes& attributes) {
    return add("format", text, index_is(index) + count_is(count) + with(attributes));
  }
  Edits& apply(const Target& text, const edit::Delta& delta) {
    return add("delta", text, ",\"delta\":" + delta.json());
  }

  // Arrays, and the children of XML.
  Edits& insert(const Target& list, uint64_t index, const Contents& contents) {
    return add("insert", list, index_is(index) + contents_are(contents));
  }
  Edits& push(const Target& list, const Contents& contents) {
    return add("push", list, contents_are(contents));
  }
  Edits& remove(const Target& list, uint64_t index, uint64_t count) {
    return add("remove", list, index_is(index) + count_is(count));
  }

  // Maps, and the attributes of XML and text.
  Edits& set(const Target& map, std::string_view key, const Content& content) {
    return add("set", map, key_is(key) + content_is(content));
  }
  Edits& erase(const Target& map, std::string_view key) { return add("erase", map, key_is(key)); }
  Edits& clear(const Target& map) { return add("clear", map, ""); }

 private:
  static std::string index_is(uint64_t index) { return ",\"index\":" + std::to_string(index); }
  static std::string count_is(uint64_t count) { return ",\"count\":" + std::to_string(count); }
  static std::string text_is(std::string_view text) {
    return ",\"text\":" + edit::detail::literal(text);
  }
  static std::string key_is(std::string_view key) {
    return ",\"key\":" + edit::detail::literal(key);
  }
  static std::string content_is(const Content& content) { return ",\"content\":" + content.json(); }
  static std::string contents_are(const Contents& contents) {
    return ",\"contents\":" + edit::detail::list(contents);
  }
  static std::string with(const Attributes& attributes) {
    return ",\"attributes\":" + edit::detail::object(attributes);
  }

  Edits& add(std::string_view op, const Target& target, const std::string& fields) {
    if (!operations_.empty()) operations_ += ',';
    operations_ += "{\"op\":\"";
    operations_ += op;
    operations_ += "\"," + target.json() + fields + '}';
    return *this;
  }

  std::string operations_;
};

}  // namespace freshet
