#include "play.h"

#include <algorithm>

#include "freshet/crdt/transaction.h"
#include "program.h"

namespace freshet::bench {

namespace {

using crdt::Content;
using crdt::Transaction;
using crdt::Value;
using Do = Step::Do;

class Player {
 public:
  Played run(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (step.what == Do::author) {
        come(step);
      } else if (step.what == Do::meet) {
        meet();
      } else {
        edit(step);
      }
    }
    return std::move(played_);
  }

 private:
  void come(const Step& step) {
    if (step.at > played_.authors.size()) die("an author comes before another one's turn");
    if (step.at == played_.authors.size()) {
      played_.authors.push_back(std::make_unique<Author>(step.value));
    }
    who_ = step.at;
  }

  // Each hears of what the others did since they met last.
  void meet() {
    const size_t up_to = played_.updates.size();
    for (size_t number = 0; number < played_.authors.size(); ++number) {
      Author& author = *played_.authors[number];
      for (size_t i = told_; i < up_to; ++i) {
        if (by_[i] != number && !author.doc.apply(played_.updates[i])) die("an update was refused");
      }
      Transaction look(author.doc, author.id);
      author.length = look.length(look.root("text"));
    }
    told_ = up_to;
  }

  void edit(const Step& step) {
    if (who_ >= played_.authors.size()) die("nobody is there to edit");
    Author& author = *played_.authors[who_];
    const uint64_t from = std::min<uint64_t>(step.at, author.length);
    const uint64_t units = std::min(step.value, author.length - from);
    if (step.what == Do::remove && units == 0) return;
    Transaction transaction(author.doc, author.id);
    Status status = Status::malformed;
    if (step.what == Do::insert) {
      status = transaction.insert(transaction.root("text"), from, step.text);
      author.length += step.units;
    } else if (step.what == Do::remove) {
      status = transaction.remove_text(transaction.root("text"), from, units);
      author.length -= units;
    } else if (step.what == Do::list_number || step.what == Do::list_string) {
      status = transaction.insert(transaction.root("list"), step.at, {content_of(step)});
    } else {
      status = transaction.set(transaction.root("map"), step.key, content_of(step));
    }
    by_.push_back(who_);
    if (status != Status::ok || !transaction.commit(played_.updates.emplace_back())) {
      die("an edit was refused");
    }
  }

  static Content content_of(const Step& step) {
    const bool text = step.what == Do::list_string || step.what == Do::set_string;
    return text ? Value(step.text) : Value(static_cast<double>(step.value));
  }

  Played played_;
  std::vector<size_t> by_;
  size_t who_ = 0;
  size_t told_ = 0;
};

}  // namespace

Played play(const std::vector<Step>& steps) { return Player().run(steps); }

void apply_all(crdt::Doc& doc, const std::vector<std::vector<uint8_t>>& updates) {
  for (const Bytes update : updates) {
    if (!doc.apply(update)) die("an update was refused");
  }
}

}  // namespace freshet::bench
