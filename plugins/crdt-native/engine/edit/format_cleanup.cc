#include "edit/format_cleanup.h"

#include <algorithm>
#include <unordered_set>

#include "edit/edit.h"
#include "values/type_ref.h"

namespace freshet::crdt {

namespace {

class FormatCleanup {
 public:
  FormatCleanup(Tree& tree, const Changes& done, const std::vector<std::string>& text_roots)
      : tree_(tree), done_(done), text_roots_(text_roots), edit_(tree, kNoClient) {}

  void run() {
    if (!concerns_text()) return;
    each_grown([&](uint32_t item) {
      if (kind(item) == Kind::format && !tree_.items[item].deleted) add(type_of(item));
      return false;
    });
    each_deleted([&](uint32_t item) {
      const uint32_t type = type_of(item);
      if (!tree_.types[type].formatted || is_known(type)) return false;
      if (kind(item) == Kind::format) {
        add(type);
      } else {
        edit_.clean_around(item, cleaned_);
      }
      return false;
    });
    for (const uint32_t type : texts_) edit_.clean_text(type);
  }

 private:
  Kind kind(uint32_t item) const { return tree_.items[item].kind(); }
  uint32_t type_of(uint32_t item) const { return tree_.lists[tree_.items[item].list].type; }
  bool is_known(uint32_t type) const {
    return std::find(texts_.begin(), texts_.end(), type) != texts_.end();
  }
  void add(uint32_t type) {
    if (!is_known(type)) texts_.push_back(type);
  }

  // visit(item) for all that are in a list; true ends it, and is the answer.
  template <class Visit>
  bool each_in(uint32_t client, uint32_t from, uint32_t to, Visit visit) {
    for (uint32_t clock = from; clock < to;) {
      const uint32_t item = tree_.item_starting_at({client, clock});
      if (kind(item) != Kind::gc && visit(item)) return true;
      clock = tree_.items[item].end();
    }
    return false;
  }
  template <class Visit>
  bool each_grown(Visit visit) {
    return std::any_of(done_.grown.begin(), done_.grown.end(), [&](const auto& growth) {
      return each_in(growth.client, growth.before, tree_.state(growth.client), visit);
    });
  }
  template <class Visit>
  bool each_deleted(Visit visit) {
    return std::any_of(done_.deleted.begin(), done_.deleted.end(), [&](const auto& range) {
      return each_in(range.client, range.clock, range.clock + range.len, visit);
    });
  }

  bool is_new(const Item& item) const {
    return std::any_of(done_.grown.begin(), done_.grown.end(), [&](const auto& growth) {
      return growth.client == item.client && item.clock >= growth.before;
    });
  }
  bool is_changed_text(uint32_t number) const {
    const Type& type = tree_.types[number];
    if (!type.formatted) return false;
    if (type.item == kNil) {
      const std::string& name = tree_.names[type.name];
      return std::find(text_roots_.begin(), text_roots_.end(), name) != text_roots_.end();
    }
    const Item& holder = tree_.items[type.item];
    const bool text = type.ref == kTextType || type.ref == kXmlTextType;
    return text && !holder.deleted && !is_new(holder);
  }
  bool concerns_text() {
    const auto in_text = [&](uint32_t item) { return is_changed_text(type_of(item)); };
    return each_grown(in_text) || each_deleted(in_text);
  }

  Tree& tree_;
  const Changes& done_;
  const std::vector<std::string>& text_roots_;
  Edit edit_;
  std::vector<uint32_t> texts_;
  std::unordered_set<uint32_t> cleaned_;
};

}  // namespace

void clean_formats(Tree& tree, const Changes& done, const std::vector<std::string>& text_roots) {
  FormatCleanup(tree, done, text_roots).run();
}

}  // namespace freshet::crdt
