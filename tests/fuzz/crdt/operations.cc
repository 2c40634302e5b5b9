// Bytes as lists of operations on a small document, in two ways. With an even first byte the rest
// is a list as it is: taken or refused, the document stays whole, what is refused leaves no trace,
// and what was done is what the others are told. With an odd one the rest are answers to "which?"
// of a generator of lists: what is taken all at once is taken one by one, with the same result.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt-native/edit_list.h"
#include "freshet/bytes.h"
#include "invariants.h"
#include "random_operations.h"
#include "require.h"

namespace {

using freshet::Bytes;
using freshet::Status;
using freshet::crdt::Doc;
using Buffer = std::vector<uint8_t>;

constexpr std::string_view kBefore = R"([
  {"op":"insert_text","root":"t","kind":"text","index":0,"text":"hello"},
  {"op":"format","root":"t","kind":"text","index":1,"count":2,"attributes":{"b":1}},
  {"op":"push","root":"a","kind":"array",
   "contents":[{"value":1},{"map":{"k":{"array":[]}}},{"text":"in"}]},
  {"op":"set","root":"m","kind":"map","key":"k","content":{"map":{"l":{"value":0}}}},
  {"op":"push","root":"x","kind":"xml_fragment",
   "contents":[{"xml_element":"p","children":[{"xml_text":"one"}]}]}])";
constexpr size_t kMaxLists = 8;  // of one input: each is looked at in three documents

void edit(Doc& doc, std::string_view list, Buffer& update, freshet::crdt::Refusal& why,
          Status& status) {
  status = freshet::crdt::edit_by_list(doc, 7, list, update, why);
}

struct View {
  Buffer state, vector;
  std::string json;

  explicit View(const Doc& doc) {
    freshet::fuzz::require(doc.diff({}, state) == Status::ok);
    doc.state_vector(vector);
    doc.json(json);
  }
  bool operator==(const View&) const = default;
};

Buffer update_of(std::string_view list) {
  Doc doc;
  Buffer update;
  freshet::crdt::Refusal why;
  Status status{};
  edit(doc, list, update, why, status);
  freshet::fuzz::require(status == Status::ok);
  return update;
}

Doc doc_of(Bytes update) {
  Doc doc;
  freshet::fuzz::require(static_cast<bool>(doc.apply(update)));
  return doc;
}

void take(std::string_view list) {
  using freshet::fuzz::require;
  static const Buffer before = update_of(kBefore);
  static const View view(doc_of(before));
  Doc doc = doc_of(before);
  Buffer update;
  freshet::crdt::Refusal why;
  Status status{};
  edit(doc, list, update, why, status);
  require(freshet::crdt::broken_invariant(doc).empty());
  // A reason is given for what is refused, and for nothing else: a good list is done to its end.
  require((status == Status::ok) == why.why.empty());
  if (status != Status::ok) return require(update.empty() && View(doc) == view);
  if (update.empty()) return require(View(doc).vector == view.vector);
  Doc told = doc_of(before);
  const auto applied = told.apply(update);
  require(applied && applied->canonical && !applied->parked);
  require(View(told).vector == View(doc).vector && freshet::crdt::shows_the_same(told, doc));
}

void compare(Bytes answers) {
  size_t at = 0;
  freshet::crdt::RandomOperations chance(
      [&](uint32_t below) { return at < answers.size() ? answers[at++] % below : 0; });
  Doc together, one_by_one, told;
  for (size_t lists = 0; at < answers.size() && lists < kMaxLists; ++lists) {
    const auto operations = chance.list();
    const auto outcome = freshet::crdt::compare(operations, together, one_by_one, told);
    freshet::fuzz::require(outcome.fault.empty());
  }
  freshet::fuzz::require(freshet::crdt::broken_invariant(together).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Bytes rest = Bytes(data, size).subspan(1);
  data[0] % 2 == 0 ? take(freshet::as_text(rest)) : compare(rest);
  return 0;
}
