// Two people write one document without a server between them: an example of the library.
//
//   c++ -std=c++20 two_people.cc $(pkg-config --cflags --libs freshet-crdt) -o two-people
#include <cstdio>
#include <string>
#include <vector>

#include "freshet/crdt/doc.h"
#include "freshet/crdt/transaction.h"
#include "freshet/crdt/undo.h"

namespace crdt = freshet::crdt;
using Update = std::vector<uint8_t>;

namespace {

struct Person {
  const char* name;
  uint64_t client;  // who writes; nobody else may use it
  crdt::Doc doc = crdt::Doc();

  // Writes at the end of the text, and returns what the others have to be sent.
  Update write(const char* words) {
    crdt::Transaction edit(doc, client);
    const crdt::SharedType text = edit.root("story");
    Update update;
    const bool fits = edit.insert(text, edit.length(text), words) == freshet::Status::ok;
    if (!fits || !edit.commit(update)) std::printf("%s could not write\n", name);
    return update;
  }

  void receive(const Update& update) {
    if (!doc.apply(update)) std::printf("%s was sent something bad\n", name);
  }

  void show() const {
    std::string story;
    doc.text("story", story);
    std::printf("%s sees: %s\n", name, story.c_str());
  }
};

}  // namespace

int main() {
  Person ann{"Ann", 1}, bob{"Bob", 2};
  crdt::UndoHistory regrets(bob.doc, bob.client, {.scope = {"story"}});

  bob.receive(ann.write("Once upon a time"));

  // Both at once: neither has seen what the other wrote.
  const Update of_ann = ann.write(", in a small town,");
  const Update of_bob = bob.write(" there was a bug.");
  ann.receive(of_bob);
  bob.receive(of_ann);
  ann.show();
  bob.show();

  // Only his own words.
  Update undone;
  if (!regrets.undo(undone)) std::printf("nothing to take back\n");
  ann.receive(undone);
  ann.show();
  bob.show();
  return 0;
}
