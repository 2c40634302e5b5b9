#include "crdt-native/edit_list.h"

#include <algorithm>

#include "crdt-native/outline.h"
#include "freshet/format/codec.h"

namespace freshet::crdt {
namespace {

using What = Operation::What;

// More than the bytes of a list become in a document: what takes the fewest letters and the most
// room is a new text, "{"text":""}".
constexpr size_t kGrowth = 8;

Status check(const std::vector<Operation>& operations, size_t list_bytes, Transaction& edit,
             Refusal& why) {
  Outline outline(edit);
  for (size_t i = 0; i < operations.size(); ++i) {
    if (outline.take(operations[i], why.why)) continue;
    why.operation = i;
    return Status::malformed;
  }
  const Status room = edit.room(list_bytes * kGrowth, outline.new_roots());
  if (room != Status::ok) why.why = "the document is full";
  return room;
}

Result<SharedType> target(const Operation& operation, Transaction& edit) {
  SharedType type = edit.root(operation.root);
  for (const Step& step : operation.path) {
    const auto* index = std::get_if<uint64_t>(&step);
    FRESHET_TRY(type, index != nullptr ? edit.child(type, *index)
                                       : edit.child(type, std::get<std::string>(step)));
  }
  return type;
}

Status push(const Operation& operation, SharedType list, Transaction& edit) {
  const bool root = operation.path.empty();
  // To a root of XML, which does not look like one yet, it would be pushed as to an array.
  if (root && operation.kind != TypeKind::array) {
    return edit.insert(list, edit.length(list), operation.contents);
  }
  return edit.push(list, operation.contents);
}

// Whether it can be seen in no document. Such a one is not even begun: what it mentions would be
// made here and nowhere else.
bool says_nothing(const Operation& o, const Transaction& edit) {
  switch (o.what) {
    case What::insert_text: return o.text.empty();
    case What::insert:
    case What::push: return o.contents.empty();
    case What::format: return o.count == 0 || o.attributes->empty();
    case What::remove_text:
    case What::remove: return o.count == 0;
    case What::delta:
      return std::ranges::all_of(o.delta, [](const DeltaStep& step) {
        return step.embed.empty() && step.remove == 0 && (!step.insert || step.insert->empty()) &&
               (step.retain == 0 || step.attributes.empty());
      });
    case What::erase:
    case What::clear: return !edit.find_root(o.root);
    default: return false;
  }
}

Status perform(const Operation& o, Transaction& edit) {
  if (says_nothing(o, edit)) return Status::ok;
  FRESHET_TRY(const SharedType type, target(o, edit));
  static const Attributes kNoFormats;
  const Attributes& attributes = o.attributes ? *o.attributes : kNoFormats;
  switch (o.what) {
    case What::insert_text:
      return o.attributes ? edit.insert(type, o.index, o.text, attributes)
                          : edit.insert(type, o.index, o.text);
    case What::embed: return edit.insert_embed(type, o.index, o.contents.front(), attributes);
    case What::remove_text: return edit.remove_text(type, o.index, o.count);
    case What::format: return edit.format(type, o.index, o.count, attributes);
    case What::delta: return edit.apply_delta(type, o.delta);
    case What::insert: return edit.insert(type, o.index, o.contents);
    case What::push: return push(o, type, edit);
    case What::remove: return edit.remove(type, o.index, o.count);
    case What::set: return edit.set(type, o.key, o.contents.front());
    case What::erase: return edit.erase(type, o.key);
    case What::clear: return edit.clear(type);
  }
  return Status::internal;
}

}  // namespace

Status edit_by_list(Doc& doc, uint64_t client, std::string_view json, std::vector<uint8_t>& update,
                    Refusal& why) {
  FRESHET_TRY(const auto operations, read_operations(json, why));
  if (client > kMaxSafeInteger) {
    why.why = "the client's id is 2^53 or more";
    return Status::malformed;
  }
  Transaction edit(doc, client);
  FRESHET_CHECK(check(operations, json.size(), edit, why));
  for (size_t i = 0; i < operations.size(); ++i) {
    if (perform(operations[i], edit) == Status::ok) continue;
    // A bug: it was found good. What is done is done, and has to reach everybody.
    why = {.operation = i, .why = "was found good and cannot be done; those before it are done"};
    break;
  }
  FRESHET_TRY(const bool changed, edit.commit(update));
  static_cast<void>(changed);
  return Status::ok;
}

}  // namespace freshet::crdt
