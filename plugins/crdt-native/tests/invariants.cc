#include "invariants.h"

#include <vector>

#include "api/internals.h"

namespace freshet::crdt {

namespace {

class Checker {
 public:
  explicit Checker(const Tree& tree) : tree_(tree), listed_(tree.items.bound()) {}

  std::string run() {
    for (uint32_t list = 0; list < tree_.lists.size() && why_.empty(); ++list) check_list(list);
    for (uint32_t client = 0; client < tree_.clients.size() && why_.empty(); ++client) {
      check_client(client);
    }
    if (why_.empty() && covered_ != tree_.items.live())
      fail("items that no clock leads to", covered_);
    return why_;
  }

 private:
  void fail(const std::string& what, uint64_t where) {
    if (why_.empty()) why_ = what + " at " + std::to_string(where);
  }
  void require(bool holds, const char* what, uint64_t where) {
    if (!holds) fail(what, where);
  }

  // What follows it in its client's clocks was split off it. No client writes a value of several
  // units under a key; where one is forged and split, Yjs leaves its first part alive, unseen. Two
  // parts of one unit each look like a value and the next one, so they are let pass only if they
  // are text, which no client writes under a key either.
  bool goes_on(const Item& item) {
    const Client& client = tree_.clients[item.client];
    if (item.end() >= client.next) return false;
    const Item& next = tree_.items[client.index.item(client.index.find(item.end()))];
    return next.list == item.list && next.origin() == item.last_id() &&
           (item.kind() == Kind::string || item.len + next.len > 2);
  }

  void check_list(uint32_t number) {
    const List& list = tree_.lists[number];
    if (list.type == kNil) return;
    uint32_t previous = kNil;
    for (uint32_t at = list.head; at != kNil && why_.empty(); at = tree_.items[at].right) {
      const Item& item = tree_.items[at];
      require(!listed_[at], "an item linked twice", at);
      listed_[at] = true;
      require(item.list == number, "an item of another list", at);
      require(item.left == previous, "a left link that is none", at);
      require((item.keyed != 0) == (list.key != kNil), "a wrong key bit", at);
      require(item.kind() != Kind::gc, "garbage in a list", at);
      if (list.key != kNil && item.right != kNil) {
        require(item.deleted || goes_on(item), "an old value alive", at);
      }
      previous = at;
    }
    if (list.key != kNil) require(list.tail == previous, "a tail that is not last", number);
    const Type& type = tree_.types[list.type];
    if (type.item == kNil) return;
    const Item& holder = tree_.items[type.item];
    require(holder.kind() == Kind::type && holder.content == list.type, "a lost type", list.type);
  }

  void check_client(uint32_t number) {
    const Client& client = tree_.clients[number];
    uint32_t clock = 0, unit = 0, value = 0, last = kNil;
    for (uint32_t c = 0; c < client.index.chunks().size(); ++c) {
      const Chunk& chunk = client.index.chunks()[c];
      require(chunk.count > 0 && chunk.first == chunk.clocks()[0], "a bad chunk", c);
      for (uint32_t i = 0; i < chunk.count && why_.empty(); ++i) {
        const uint32_t index = chunk.items()[i];
        const Item& item = tree_.items[index];
        require(chunk.clocks()[i] == item.clock && item.clock == clock, "a gap in clocks", index);
        require(item.client == number && item.len > 0, "an item of another client", index);
        const Position found = client.index.find(item.end() - 1);
        require(client.index.item(found) == index, "an item the index does not find", index);
        check_item(client, item, index, unit, value);
        if (last != kNil) require(!could_join(last, index), "two items that could be one", index);
        last = index;
        clock = item.end();
        ++covered_;
      }
    }
    require(clock == client.next, "a wrong state", number);
    require(last == client.last, "a wrong last item", number);
  }

  void check_item(const Client& client, const Item& item, uint32_t index, uint32_t& unit,
                  uint32_t& value) {
    const Kind kind = item.kind();
    require(listed_[index] == (kind != Kind::gc), "an item in no list", index);
    require(item.deleted || (kind != Kind::gc && kind != Kind::deleted), "live garbage", index);
    if (kind == Kind::string) {
      require(item.content >= unit && item.content + item.len <= client.text.units(),
              "text out of order", index);
      unit = item.content + item.len;
    } else if (kind != Kind::gc && kind != Kind::deleted && kind != Kind::type) {
      require(client.values && item.content >= value &&
                  item.content + item.len <= client.values->count(),
              "values out of order", index);
      value = item.content + item.len;
    }
  }

  bool could_join(uint32_t left_index, uint32_t right_index) const {
    const Item& left = tree_.items[left_index];
    const Item& right = tree_.items[right_index];
    if (left.kind_bits != right.kind_bits) return false;
    // Garbage stays apart where Yjs leaves it so.
    if (left.kind() == Kind::gc) return false;
    // What undoing made anew stays apart from what it did not.
    if (tree_.remade.of(left.id()) || tree_.remade.of(right.id())) return false;
    return is_run(left.kind()) && left.right == right_index && left.deleted == right.deleted &&
           right.origin() == left.last_id() && right.right_origin() == left.right_origin();
  }

  const Tree& tree_;
  std::vector<bool> listed_;
  size_t covered_ = 0;
  std::string why_;
};

}  // namespace

std::string broken_structure(const Doc& doc) { return Checker(Internals::of(doc).tree).run(); }

std::string broken_invariant(const Doc& doc) {
  std::string why = broken_structure(doc);
  if (!why.empty()) return why;
  std::vector<uint8_t> state, again;
  const Status sayable = doc.diff({}, state);
  const bool in_v1 = sayable != Status::unsupported;  // some values only v2 can say
  if ((in_v1 ? sayable : doc.diff_v2({}, state)) != Status::ok) {
    return "the document does not encode";
  }
  Doc fresh;
  const Result<Applied> applied = in_v1 ? fresh.apply(state) : fresh.apply_v2(state);
  if (!applied) return "the document does not decode what it encodes";
  if (!applied->canonical) return "the document encodes what it would not pass on";
  std::vector<uint8_t> vector, fresh_vector;
  doc.state_vector(vector);
  fresh.state_vector(fresh_vector);
  if (vector != fresh_vector) return "a fresh document has another state vector";
  return Checker(Internals::of(fresh).tree).run();
}

}  // namespace freshet::crdt
