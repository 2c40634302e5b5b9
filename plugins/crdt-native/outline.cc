#include "crdt-native/outline.h"

#include "freshet/format/utf8.h"

namespace freshet::crdt {
namespace {

using What = Operation::What;

bool is_text(TypeKind kind) { return kind == TypeKind::text || kind == TypeKind::xml_text; }
bool is_xml_list(TypeKind kind) {
  return kind == TypeKind::xml_element || kind == TypeKind::xml_fragment;
}
bool is_list(TypeKind kind) { return kind == TypeKind::array || is_xml_list(kind); }

// Whether a root of that kind can look like this.
bool can_be(TypeKind kind, TypeKind shown) {
  switch (shown) {
    case TypeKind::text: return is_text(kind);
    // Elements of XML may stand in an array, too.
    case TypeKind::xml_fragment: return is_list(kind);
    case TypeKind::map: return kind != TypeKind::array && kind != TypeKind::xml_fragment;
    default: return kind == shown;
  }
}

uint64_t units(const std::string& text) { return utf16_length(as_bytes(text)); }

}  // namespace

uint32_t Outline::fail(std::string why) {
  if (why_.empty()) why_ = std::move(why);
  return kNone;
}

bool Outline::take(const Operation& operation, std::string& why) {
  const uint32_t number = find(operation);
  const bool good = number != kNone && apply(operation, nodes_[number]);
  if (!good) why = why_;
  return good;
}

// ---- finding -----------------------------------------------------------------------------------

uint32_t Outline::find(const Operation& operation) {
  uint32_t number = root(operation);
  for (size_t i = 0; number != kNone && i < operation.path.size(); ++i) {
    number = child(number, operation.path[i]);
  }
  return number;
}

uint32_t Outline::root(const Operation& operation) {
  const auto at = roots_.find(operation.root);
  if (at != roots_.end()) {
    if (nodes_[at->second].kind == operation.kind) return at->second;
    return fail("the root is of another kind in an operation before");
  }
  const auto real = edit_.find_root(operation.root);
  if (!real) {
    ++new_roots_;
  } else if (const auto shown = edit_.kind(*real); shown && !can_be(operation.kind, *shown)) {
    return fail("the root is of another kind");
  }
  const uint32_t number = add(operation.kind, real);
  roots_.emplace(operation.root, number);
  return number;
}

uint32_t Outline::child(uint32_t parent, const Step& step) {
  const Node& node = nodes_[parent];
  if (const auto* index = std::get_if<uint64_t>(&step)) {
    if (!is_list(node.kind)) return fail("the path has an index where there is no list");
    if (*index >= node.length) return fail("the path goes beyond the end of a list");
    return at_index(node, *index);
  }
  if (is_list(node.kind) && !is_xml_list(node.kind)) {
    return fail("the path has a key where there is a list");
  }
  return at_key(node, std::get<std::string>(step));
}

uint32_t Outline::at_index(const Node& parent, uint64_t index) {
  for (const Run& run : parent.runs) {
    if (index >= run.count) {
      index -= run.count;
      continue;
    }
    if (!run.fresh) return node_of(edit_.child(*parent.real, run.begin + index));
    const Held held = fresh_[run.begin + index];
    return held != kNone ? held : fail("there is no shared type at the end of the path");
  }
  return fail("the path goes beyond the end of a list");
}

uint32_t Outline::at_key(const Node& parent, const std::string& key) {
  const auto at = parent.keys.find(key);
  if (at != parent.keys.end() && at->second != kNone) return at->second;
  if (at != parent.keys.end() || parent.cleared || !parent.real) return node_of(Status::not_found);
  return node_of(edit_.child(*parent.real, key));
}

uint32_t Outline::node_of(Result<SharedType> found) {
  if (!found) return fail("there is no shared type at the end of the path");
  const auto at = known_.find(*found);
  if (at != known_.end()) return at->second;
  const auto kind = edit_.kind(*found);
  if (!kind) return fail("a type of no known kind");
  return add(*kind, *found);
}

uint32_t Outline::add(TypeKind kind, std::optional<SharedType> real) {
  const auto number = static_cast<uint32_t>(nodes_.size());
  Node& node = nodes_.emplace_back(Node{.kind = kind, .real = real});
  if (real) {
    known_.emplace(*real, number);
    if (kind != TypeKind::map) node.length = edit_.length(*real);
    if (is_list(kind) && node.length > 0) node.runs = {{.begin = 0, .count = node.length}};
  }
  return number;
}

// ---- changes -----------------------------------------------------------------------------------

bool Outline::apply(const Operation& operation, Node& node) {
  switch (operation.what) {
    case What::insert_text:
    case What::embed:
    case What::remove_text:
    case What::format:
    case What::delta:
      if (is_text(node.kind)) return change_text(operation, node);
      fail("the path does not lead to a text");
      return false;
    case What::insert:
    case What::push:
    case What::remove:
      if (is_list(node.kind)) return change_list(operation, node);
      fail("the path does not lead to an array or to XML with children");
      return false;
    default: return change_keys(operation, node);
  }
}

bool Outline::within(const Node& node, uint64_t index, uint64_t count) {
  if (index <= node.length && count <= node.length - index) return true;
  fail("beyond the end, which is at " + std::to_string(node.length));
  return false;
}

bool Outline::change_text(const Operation& operation, Node& text) {
  if (operation.what == What::delta) return change_by(operation.delta, text);
  if (!within(text, operation.index, operation.count)) return false;
  text.length -= operation.what == What::remove_text ? operation.count : 0;
  text.length += operation.what == What::embed ? 1 : units(operation.text);
  return true;
}

bool Outline::change_by(const std::vector<DeltaStep>& delta, Node& text) {
  uint64_t at = 0;  // in the text as it becomes
  for (const DeltaStep& step : delta) {
    const uint64_t added = !step.embed.empty() ? 1 : step.insert ? units(*step.insert) : 0;
    if (!within(text, at, uint64_t{step.retain} + step.remove)) return false;
    text.length += added;
    text.length -= step.remove;
    at += added + step.retain;
  }
  return true;
}

bool Outline::change_list(const Operation& operation, Node& list) {
  if (is_xml_list(list.kind)) {
    for (const Content& content : operation.contents) {
      if (is_xml_node(content)) continue;
      fail("XML takes only xml_element and xml_text");
      return false;
    }
  }
  const uint64_t index = operation.what == What::push ? list.length : operation.index;
  if (!within(list, index, operation.count)) return false;
  if (operation.what == What::remove) {
    remove(list, index, operation.count);
  } else {
    insert(list, index, operation.contents);
  }
  return true;
}

bool Outline::change_keys(const Operation& operation, Node& node) {
  if (node.kind == TypeKind::array || node.kind == TypeKind::xml_fragment) {
    fail("the path does not lead to a map, nor to what has attributes");
    return false;
  }
  if (operation.what == What::clear) {
    node.keys.clear();
    node.cleared = true;
  } else {
    node.keys[operation.key] =
        operation.what == What::set ? hold(operation.contents.front()) : kNone;
  }
  return true;
}

// ---- lists -------------------------------------------------------------------------------------

// Makes a run begin at this element, and says which.
size_t Outline::cut(Node& list, uint64_t index) {
  size_t at = 0;
  while (at < list.runs.size() && index >= list.runs[at].count) index -= list.runs[at++].count;
  if (index == 0) return at;
  Run right = list.runs[at];
  right.begin += index;
  right.count -= index;
  list.runs[at].count = index;
  list.runs.insert(list.runs.begin() + static_cast<std::ptrdiff_t>(at) + 1, right);
  return at + 1;
}

void Outline::insert(Node& list, uint64_t index, const std::vector<Content>& contents) {
  if (contents.empty()) return;
  std::vector<Held> held;
  for (const Content& content : contents) held.push_back(hold(content));
  const size_t at = cut(list, index);
  list.length += held.size();
  // Pushed one by one, they are one run.
  Run* before = at > 0 ? &list.runs[at - 1] : nullptr;
  if (before != nullptr && before->fresh && before->begin + before->count == fresh_.size()) {
    before->count += held.size();
  } else {
    const Run run{.begin = fresh_.size(), .count = held.size(), .fresh = true};
    list.runs.insert(list.runs.begin() + static_cast<std::ptrdiff_t>(at), run);
  }
  fresh_.insert(fresh_.end(), held.begin(), held.end());
}

void Outline::remove(Node& list, uint64_t index, uint64_t count) {
  const auto from = static_cast<std::ptrdiff_t>(cut(list, index));
  const auto to = static_cast<std::ptrdiff_t>(cut(list, index + count));
  list.runs.erase(list.runs.begin() + from, list.runs.begin() + to);
  list.length -= count;
}

Outline::Held Outline::hold(const Content& content) {
  return content.type() == nullptr ? kNone : add_new(*content.type());
}

uint32_t Outline::add_new(const NewType& type) {
  const uint32_t number = add(type.kind, std::nullopt);
  Node& node = nodes_[number];
  for (const DeltaStep& step : type.delta) {
    node.length += step.insert ? units(*step.insert) : 1;
  }
  insert(node, 0, type.children);
  for (const auto& [key, content] : type.entries) node.keys[key] = hold(content);
  return number;
}

}  // namespace freshet::crdt
