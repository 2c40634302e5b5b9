// Bytes as the work of three people: they edit, take back, hear of each other late and in any
// order. Each document stays whole after every step, what it tells the others is what it did, and
// in the end all of them hold the same.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "freshet/crdt/authorship.h"
#include "freshet/crdt/doc.h"
#include "freshet/crdt/transaction.h"
#include "freshet/crdt/undo.h"
#include "freshet/format/codec.h"
#include "invariants.h"
#include "require.h"

namespace {

using freshet::Bytes;
using freshet::Reader;
using freshet::Status;
using freshet::crdt::Attributes;
using freshet::crdt::Content;
using freshet::crdt::DeltaStep;
using freshet::crdt::Doc;
using freshet::crdt::NewSubdocument;
using freshet::crdt::NewType;
using freshet::crdt::Shape;
using freshet::crdt::SharedType;
using freshet::crdt::Transaction;
using freshet::crdt::TypeKind;
using freshet::crdt::UndoHistory;
using freshet::crdt::Value;
using freshet::fuzz::require;
using Buffer = std::vector<uint8_t>;

// Steps in one run: each of them looks at whole documents.
constexpr size_t kMaxSteps = 150;
constexpr size_t kPeople = 3;
// Of so many steps one is followed by a look at all that can be seen.
constexpr size_t kSteps = 8;

// The bytes as answers to "which?"; no bytes left is always the first.
class Dice {
 public:
  explicit Dice(Bytes bytes) : in_(bytes) {}
  bool over() const { return in_.remaining() == 0; }
  uint32_t below(uint64_t bound) {
    return bound == 0 || over() ? 0 : static_cast<uint32_t>(in_.u8() % bound);
  }

 private:
  Reader in_;
};

Value value_from(Dice& dice) {
  switch (dice.below(6)) {
    case 0: return 1;
    case 1: return "text";
    case 2: return Value::array({1, nullptr});
    case 3: return Value::object({{"b", true}, {"1", "x"}});
    case 4: return Value::bytes(Buffer{1, 2, 3});
    default: return nullptr;
  }
}

std::string text_from(Dice& dice) {
  static const char* const kTexts[] = {"a", "bc", "hello", "ж", "😀", "x😀y", "\n", ""};
  return kTexts[dice.below(std::size(kTexts))];
}

Attributes formats_from(Dice& dice) {
  Attributes formats;
  for (uint32_t left = dice.below(3); left > 0; --left) {
    const std::string key(1, static_cast<char>('p' + dice.below(3)));
    formats.emplace_back(key, dice.below(2) == 0 ? Value(nullptr) : value_from(dice));
  }
  return formats;
}

Content content_from(Dice& dice) {
  NewType type;
  switch (dice.below(8)) {
    case 0:
      type.kind = TypeKind::array;
      type.children = {value_from(dice), value_from(dice)};
      return type;
    case 1:
      type.kind = TypeKind::map;
      type.entries.emplace_back("k", value_from(dice));
      return type;
    case 2: {
      type.kind = TypeKind::text;
      DeltaStep& step = type.delta.emplace_back();
      step.insert = text_from(dice);
      step.attributes = formats_from(dice);
      return type;
    }
    case 3: return NewSubdocument{.guid = "g", .auto_load = dice.below(2) == 1, .meta = {}};
    default: return value_from(dice);
  }
}

// Some shared type: a root, or what is in one.
SharedType type_from(Dice& dice, Transaction& edit, const char* root) {
  SharedType type = edit.root(root);
  for (uint32_t depth = dice.below(4); depth > 0; --depth) {
    const auto child = *root == 'm'
                           ? edit.child(type, std::string_view("abk").substr(dice.below(3), 1))
                           : edit.child(type, dice.below(edit.length(type) + 1));
    if (!child) break;
    type = *child;
  }
  return type;
}

// A place may be beyond the end, a type of another kind: then the call refuses and changes nothing.
void edit_text(Dice& dice, Transaction& edit) {
  const SharedType text = type_from(dice, edit, dice.below(4) == 0 ? "l" : "t");
  const uint32_t at = dice.below(edit.length(text) + 2);
  switch (dice.below(6)) {
    case 0:
    case 1: return (void)edit.insert(text, at, text_from(dice));
    case 2: return (void)edit.insert(text, at, text_from(dice), formats_from(dice));
    case 3: return (void)edit.remove_text(text, at, dice.below(6));
    case 4: return (void)edit.format(text, at, dice.below(8), formats_from(dice));
    default: return (void)edit.insert_embed(text, at, content_from(dice), formats_from(dice));
  }
}

void edit_delta(Dice& dice, Transaction& edit) {
  std::vector<DeltaStep> delta(1 + dice.below(4));
  for (DeltaStep& step : delta) {
    switch (dice.below(4)) {
      case 0: step.insert = text_from(dice); break;
      case 1: step.remove = 1 + dice.below(3); break;
      case 2: step.embed.push_back(content_from(dice)); break;
      default: step.retain = 1 + dice.below(4); break;
    }
    if (step.remove == 0) step.attributes = formats_from(dice);
  }
  (void)edit.apply_delta(type_from(dice, edit, "t"), delta);
}

void edit_list(Dice& dice, Transaction& edit) {
  const SharedType list = type_from(dice, edit, dice.below(4) == 0 ? "m" : "l");
  const uint32_t at = dice.below(edit.length(list) + 2);
  switch (dice.below(4)) {
    case 0: return (void)edit.remove(list, at, dice.below(4));
    case 1: return (void)edit.push(list, {content_from(dice)});
    default: return (void)edit.insert(list, at, {content_from(dice), content_from(dice)});
  }
}

void edit_map(Dice& dice, Transaction& edit) {
  const SharedType map = type_from(dice, edit, dice.below(4) == 0 ? "l" : "m");
  const std::string key(1, "abk"[dice.below(3)]);
  switch (dice.below(8)) {
    case 0:
    case 1: return (void)edit.erase(map, key);
    case 2: return (void)edit.clear(map);
    default: return (void)edit.set(map, key, content_from(dice));
  }
}

// What a document shows and knows. Its bytes depend on when garbage was collected.
struct View {
  std::array<std::string, 3> roots;  // as JSON
  std::string text;
  Buffer state_vector;

  explicit View(const Doc& doc) {
    doc.json("t", Shape::text, roots[0]);
    doc.json("l", Shape::array, roots[1]);
    doc.json("m", Shape::map, roots[2]);
    doc.text("t", text);
    doc.state_vector(state_vector);
  }

  // Keys of maps are in no order. A format that says nothing new may cut a pair of surrogates and
  // is not told of, as in Yjs: then one of the documents shows two replacement characters.
  std::string plain() const {
    std::string view;
    for (const std::string& json : roots) view += nlohmann::json::parse(json).dump();
    view += text;
    static constexpr std::string_view kPair = "😀", kCut = "\uFFFD\uFFFD";
    for (size_t at; (at = view.find(kPair)) != std::string::npos;) {
      view.replace(at, kPair.size(), kCut);
    }
    return view;
  }

  // Most are the same to the letter, which takes a tenth of the time.
  bool operator==(const View& other) const {
    if (state_vector != other.state_vector) return false;
    return (roots == other.roots && text == other.text) || plain() == other.plain();
  }
};

std::vector<std::array<uint64_t, 4>> stretches_of(const Doc& doc) {
  std::vector<std::array<uint64_t, 4>> stretches;
  for (const auto& one : freshet::crdt::authors(doc, "t")) {
    stretches.push_back({one.by.client, one.by.clock, one.by.length, one.index});
  }
  return stretches;
}

struct Person {
  Doc doc;
  Doc told;  // applies only what the other one says it did
  std::unique_ptr<UndoHistory> history;
  std::vector<Buffer> inbox;
};

class Work {
 public:
  explicit Work(Bytes bytes) : dice_(bytes) {
    const uint32_t options = dice_.below(8);
    for (size_t i = 0; i < kPeople; ++i) {
      people_[i].doc = Doc({.collect_garbage = (options >> i & 1) == 0});
      if (i == 0) continue;  // one without: there nothing is kept for undoing
      people_[i].history = std::make_unique<UndoHistory>(
          people_[i].doc, i + 1,
          freshet::crdt::UndoOptions{.scope = {"t", "l", "m"}, .origins = {""}, .capture_ms = 2});
    }
  }

  void run() {
    for (size_t steps = 0; !dice_.over() && steps < kMaxSteps; ++steps) step();
    for (Person& person : people_) {
      for (const Buffer& update : std::exchange(person.inbox, {})) hear(person, update);
    }
    const View all(people_[0].doc);
    for (Person& person : people_) {
      check(person, all);
      if (!person.history) continue;
      // Letting go of what was kept changes nothing that can be seen.
      person.history.reset();
      require(View(person.doc) == all && freshet::crdt::broken_structure(person.doc).empty());
    }
  }

 private:
  void step() {
    const size_t who = dice_.below(kPeople);
    Person& person = people_[who];
    switch (dice_.below(8)) {
      case 0: return undo(who);
      case 1:
      case 2: return listen(person);
      default: return edit(who);
    }
  }

  void edit(size_t who) {
    Person& person = people_[who];
    Buffer update;
    const bool looks = told_ % kSteps == 0;
    std::optional<View> before;
    if (looks) before.emplace(person.doc);
    {
      Transaction edit(person.doc, who + 1, {}, clock_++);
      for (uint32_t left = 1 + dice_.below(3); left > 0; --left) {
        switch (dice_.below(5)) {
          case 0:
          case 1: edit_text(dice_, edit); break;
          case 2: edit_delta(dice_, edit); break;
          case 3: edit_list(dice_, edit); break;
          default: edit_map(dice_, edit); break;
        }
      }
      require(static_cast<bool>(edit.commit(update)));
    }
    if (update.empty() && looks) require(View(person.doc) == before);
    tell(who, update);
  }

  void undo(size_t who) {
    Person& person = people_[who];
    if (!person.history) return;
    Buffer update;
    const auto done =
        dice_.below(3) == 0 ? person.history->redo(update) : person.history->undo(update);
    require(static_cast<bool>(done));
    tell(who, update);
  }

  // Any of what has come, perhaps not for the last time.
  void listen(Person& person) {
    if (person.inbox.empty()) return;
    const size_t which = dice_.below(person.inbox.size());
    const Buffer update = person.inbox[which];
    if (dice_.below(4) > 0)
      person.inbox.erase(person.inbox.begin() + static_cast<ptrdiff_t>(which));
    hear(person, update);
    check_structure(person);
  }

  void hear(Person& person, const Buffer& update) {
    Buffer changes;
    if (dice_.below(2) == 0) {
      require(static_cast<bool>(person.doc.apply(update)));
    } else {
      require(static_cast<bool>(person.doc.apply(update, changes)));
    }
    require(static_cast<bool>(person.told.apply(update)));
  }

  void tell(size_t who, const Buffer& update) {
    Person& person = people_[who];
    if (!update.empty()) {
      const auto applied = person.told.apply(update);
      require(applied && applied->canonical);
      for (size_t i = 0; i < kPeople; ++i) {
        if (i != who) people_[i].inbox.push_back(update);
      }
    }
    ++told_ % kSteps == 0 ? check(person, View(person.doc)) : check_structure(person);
  }

  void check_structure(const Person& person) {
    require(freshet::crdt::broken_structure(person.doc).empty());
    require(freshet::crdt::broken_structure(person.told).empty());
  }

  // And all that can be seen, which takes far longer.
  void check(const Person& person, const View& expected) {
    require(freshet::crdt::broken_invariant(person.doc).empty());
    require(View(person.doc) == expected && View(person.told) == expected);
    require(stretches_of(person.told) == stretches_of(person.doc));
  }

  Dice dice_;
  std::array<Person, kPeople> people_;
  uint64_t clock_ = 0;
  size_t told_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Work({data, size}).run();
  return 0;
}
