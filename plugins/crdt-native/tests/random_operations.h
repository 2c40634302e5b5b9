// Lists of operations by chance, good and bad, and what must be true of any list.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "freshet/crdt/doc.h"
#include "freshet/result.h"

namespace freshet::crdt {

// Roots and keys are in no order, and every surrogate pair is as if it were cut: a format that says
// nothing new may cut one and is not told of, as in Yjs.
bool shows_the_same(const Doc& one, const Doc& other);

// "[a,b,c]".
std::string joined(const std::vector<std::string>& operations);

struct Outcome {
  Status status;
  std::string fault;  // empty: all is as it has to be
  size_t good = 0;    // operations before the one it was refused for
};

// Gives the list to `together`, and to `one_by_one` an operation at a time; `told` only hears what
// `together` said it did. They have to hold the same before. Faulty if the list is taken and one of
// its operations is not, or the other way round; if the documents differ after; or if a list that
// is refused changed anything. After a refusal `one_by_one` is as `together` again.
Outcome compare(const std::vector<std::string>& operations, Doc& together, Doc& one_by_one,
                Doc& told);

// Operations on a few roots, with paths and indices that are mostly there.
class RandomOperations {
 public:
  // Answers are below what is asked for.
  using Die = std::function<uint32_t(uint32_t)>;

  explicit RandomOperations(uint32_t seed);
  explicit RandomOperations(Die die) : die_(std::move(die)) {}

  std::vector<std::string> list();

 private:
  std::string operation();
  uint32_t few();
  std::string target(std::string& kind);
  std::string content(unsigned depth);

  Die die_;
};

}  // namespace freshet::crdt
