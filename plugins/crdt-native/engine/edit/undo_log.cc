#include "edit/undo_log.h"

#include <algorithm>

#include "encode/encode.h"

namespace freshet::crdt {

// ---- ranges of ids ----------------------------------------------------------------------------

void IdRanges::add(uint32_t client, uint32_t from, uint32_t to) {
  if (!ranges_.names(client)) clients_.push_back(client);
  ranges_.add(client, from, to);
}

void IdRanges::add_all(const IdRanges& other) {
  other.each([&](uint32_t client, uint32_t from, uint32_t to) { add(client, from, to); });
}

// ---- remembering ------------------------------------------------------------------------------

template <class Visit>
void UndoLog::each_item(const IdRanges& ranges, Visit visit) {
  ranges.each([&](uint32_t client, uint32_t from, uint32_t to) {
    to = std::min(to, tree_.state(client));
    for (uint32_t clock = from; clock < to;) {
      const uint32_t index = tree_.item_starting_at({client, clock});
      if (tree_.items[index].kind() != Kind::gc) {
        if (tree_.items[index].end() > to) tree_.split_item(index, to - clock);
        visit(index);
      }
      clock = tree_.items[index].end();
    }
  });
}

// Whether the type, or one it is in, is watched.
bool UndoLog::concerns(uint32_t type) const {
  for (;;) {
    if (scope_.contains(type)) return true;
    const uint32_t item = tree_.types[type].item;
    if (item == kNil) return false;
    type = type_of(item);
  }
}

bool UndoLog::in_scope(uint32_t item) const { return concerns(type_of(item)); }

bool UndoLog::concerns(const Changes& changes) const {
  uint32_t last = kNil;  // many changes are in one type
  const auto changed = [&](Id id) {
    const Item& item = tree_.item_at(id);
    if (item.kind() == Kind::gc) return false;
    const uint32_t type = tree_.lists[item.list].type;
    if (type == last) return false;
    last = type;
    const uint32_t holder = tree_.types[type].item;
    return (holder == kNil || !tree_.items[holder].deleted) && concerns(type);
  };
  const auto any_in = [&](uint32_t client, uint32_t from, uint32_t to) {
    for (uint32_t clock = from; clock < to; clock = tree_.item_at({client, clock}).end()) {
      if (changed({client, clock})) return true;
    }
    return false;
  };
  return std::any_of(changes.grown.begin(), changes.grown.end(),
                     [&](const auto& growth) {
                       return any_in(growth.client, growth.before, tree_.state(growth.client));
                     }) ||
         std::any_of(changes.deleted.begin(), changes.deleted.end(), [&](const auto& range) {
           return any_in(range.client, range.clock, range.clock + range.len);
         });
}

void UndoLog::set_kept(uint32_t item, bool on) {
  for (; item != kNil && (tree_.items[item].kept != 0) != on; item = parent_of(item)) {
    tree_.keep(item, on);
  }
}

void UndoLog::keep_all(const IdRanges& ranges, bool on) {
  each_item(ranges, [&](uint32_t item) {
    if (in_scope(item)) set_kept(item, on);
  });
}

void UndoLog::note(const Changes& changes, std::string_view origin, uint64_t now_ms) {
  const bool tracked = std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
  if ((!tracked && mode_ == Mode::none) || !concerns(changes)) return;
  std::vector<Step>& stack = mode_ == Mode::undo ? redo_ : undo_;
  if (mode_ == Mode::undo) stop_capturing();  // what comes next is no part of what was undone
  if (mode_ == Mode::none && !redo_.empty()) {
    for (Step& step : redo_) released_.push_back(std::move(step));
    redo_.clear();
  }
  Step done;
  for (const auto& growth : changes.grown) {
    done.inserted.add(growth.client, growth.before, tree_.state(growth.client));
  }
  for (const uint32_t client : changes.deleted_clients) {
    const auto begins = [](const DeletedRange& range, uint32_t who) { return range.client < who; };
    auto range = std::lower_bound(changes.deleted.begin(), changes.deleted.end(), client, begins);
    for (; range != changes.deleted.end() && range->client == client; ++range) {
      done.deleted.add(client, range->clock, range->clock + range->len);
    }
  }
  const IdRanges deleted = done.deleted;
  const bool capture = last_ms_ && now_ms - *last_ms_ < capture_ms_;
  if (mode_ == Mode::none && capture && !stack.empty()) {
    stack.back().inserted.add_all(done.inserted);
    stack.back().deleted.add_all(done.deleted);
  } else {
    stack.push_back(std::move(done));
  }
  if (mode_ == Mode::none) last_ms_ = now_ms;
  keep_all(deleted, true);
}

void UndoLog::release() {
  for (const Step& step : released_) keep_all(step.deleted, false);
  released_.clear();
}

void UndoLog::clear() {
  for (std::vector<Step>* stack : {&undo_, &redo_}) {
    for (Step& step : *stack) released_.push_back(std::move(step));
    stack->clear();
  }
}

// ---- undoing ----------------------------------------------------------------------------------

struct UndoLog::Redo {
  const Step& step;
  std::unordered_set<uint32_t> todo;  // items to be made anew
  uint32_t client;
};

bool UndoLog::pop(Mode mode, uint32_t client) {
  std::vector<Step>& stack = mode == Mode::undo ? undo_ : redo_;
  while (!stack.empty()) {
    const Step step = std::move(stack.back());
    stack.pop_back();
    if (perform(step, client)) return true;
  }
  return false;
}

uint32_t UndoLog::latest(uint32_t item) {
  while (const Id now = tree_.remade.of(tree_.items[item].id())) item = tree_.item_starting_at(now);
  return item;
}

bool UndoLog::perform(const Step& step, uint32_t client) {
  std::vector<uint32_t> doomed;
  each_item(step.inserted, [&](uint32_t item) {
    item = latest(item);
    if (tree_.items[item].kind() == Kind::gc) return;
    if (!tree_.items[item].deleted && in_scope(item)) doomed.push_back(item);
  });
  Redo redo{step, {}, client};
  std::vector<uint32_t> todo;  // the same in order
  each_item(step.deleted, [&](uint32_t item) {
    if (step.inserted.contains(tree_.items[item].id()) || !in_scope(item)) return;
    todo.push_back(item);
    redo.todo.insert(item);
  });
  bool done = !doomed.empty();
  for (const uint32_t item : todo) done = this->redo(item, redo) || done;
  // What is in a type goes before the type.
  for (auto item = doomed.rbegin(); item != doomed.rend(); ++item) tree_.remove_item(*item);
  return done;
}

// Makes an item anew, and before it the types it is in that are gone, the outermost first. An
// explicit stack: types nest as deep as a peer likes.
bool UndoLog::redo(uint32_t item, const Redo& step) {
  if (tree_.remade.of(tree_.items[item].id())) return true;
  std::vector<uint32_t> chain{item};
  for (;;) {
    const uint32_t parent = parent_of(chain.back());
    if (parent == kNil || !tree_.items[parent].deleted) break;
    if (tree_.remade.of(tree_.items[parent].id())) break;
    if (!step.todo.contains(parent)) return false;
    chain.push_back(parent);
  }
  for (; !chain.empty(); chain.pop_back()) {
    if (!redo_one(chain.back(), step)) return false;
  }
  return true;
}

namespace {

// The content as it came with the struct, see WireStruct::content().
std::vector<uint8_t> content_of(const Tree& tree, const Item& item) {
  std::vector<uint8_t> bytes;
  if (item.kind() == Kind::string) {
    tree.text_of(item).copy(item.content, item.len, bytes);
  } else if (item.kind() == Kind::type) {
    const Type& type = tree.types[item.content];
    Writer out(bytes);
    out.varuint(type.ref);
    if (type.name != kNil) out.string(tree.names[type.name]);
  } else if (item.kind() != Kind::deleted) {
    const Bytes values = tree.values_of(item);
    bytes.assign(values.begin(), values.end());
  }
  return bytes;
}

}  // namespace

bool UndoLog::redo_one(uint32_t item, const Redo& step) {
  uint32_t parent = parent_of(item);
  if (parent != kNil && tree_.items[parent].deleted) parent = latest(parent);
  if (parent != kNil && tree_.items[parent].kind() != Kind::type) return false;
  Place place;
  const bool keyed = tree_.items[item].keyed;
  if (keyed ? !keyed_place(item, parent, step, place) : !list_place(item, parent, place)) {
    return false;
  }
  const Item old = tree_.items[item];
  tree_.remade.set(tree_.items[item].id(), tree_.items[item].len,
                   {step.client, tree_.state(step.client)});
  const uint32_t made =
      tree_.insert(step.client, place, old.kind(), old.len, content_of(tree_, old));
  set_kept(made, true);
  return true;
}

// The item, or what it became, that lies in the list of `parent`; kNil if there is none.
uint32_t UndoLog::counterpart(uint32_t item, uint32_t parent) {
  while (parent_of(item) != parent) {
    const Id now = tree_.remade.of(tree_.items[item].id());
    if (!now) return kNil;
    item = tree_.item_starting_at(now);
    if (tree_.items[item].kind() == Kind::gc) return kNil;
  }
  return item;
}

// Between the nearest neighbours that are where it is to be.
bool UndoLog::list_place(uint32_t item, uint32_t parent, Place& place) {
  const uint32_t type = parent == kNil ? type_of(item) : tree_.items[parent].content;
  place = {tree_.children_of(type), kNil, kNil};
  for (uint32_t at = tree_.items[item].left; at != kNil; at = tree_.items[at].left) {
    place.left = counterpart(at, parent);
    if (place.left != kNil) break;
  }
  for (uint32_t at = item; at != kNil; at = tree_.items[at].right) {
    place.right = counterpart(at, parent);
    if (place.right != kNil) break;
  }
  return true;
}

// A value comes back only if nobody else has set the key since.
bool UndoLog::keyed_place(uint32_t item, uint32_t parent, const Redo& step, Place& place) {
  const uint32_t type = parent == kNil ? type_of(item) : tree_.items[parent].content;
  const uint32_t list = tree_.keyed_list(type, tree_.lists[tree_.items[item].list].key);
  uint32_t left = tree_.lists[list].tail;
  if (tree_.items[item].right != kNil) {
    left = item;
    while (tree_.items[left].right != kNil) {
      const Id next = tree_.items[tree_.items[left].right].id();
      if (!tree_.remade.of(next) && !step.step.inserted.contains(next) && !undone(next))
        return false;
      left = latest(tree_.items[left].right);
    }
  }
  if (left != kNil && parent_of(left) != parent) left = tree_.lists[list].tail;
  place = {list, left, kNil};
  return true;
}

bool UndoLog::undone(Id id) const {
  const auto deletes = [&](const Step& step) { return step.deleted.contains(id); };
  return std::any_of(undo_.begin(), undo_.end(), deletes) ||
         std::any_of(redo_.begin(), redo_.end(), deletes);
}

}  // namespace freshet::crdt
