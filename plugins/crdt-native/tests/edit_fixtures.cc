#include "edit_fixtures.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace freshet::crdt {

Recorded::Recorded(const std::string& name) {
  const char* folder = std::getenv("FRESHET_CRDT_FIXTURES");
  std::ifstream in(std::string(folder == nullptr ? "." : folder) + "/edits.txt");
  bool mine = false;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string what, value;
    words >> what >> value;
    if (what == "case") {
      mine = value == name;
    } else if (mine) {
      outputs_.push_back(value == "-" ? Buffer() : from_hex(value));
    }
  }
  if (outputs_.empty()) {
    std::cerr << "no case " << name << ": set FRESHET_CRDT_FIXTURES\n";
    std::abort();
  }
}

Recorded::~Recorded() { EXPECT_EQ(at_, outputs_.size()) << "outputs that nobody compared"; }

Buffer Recorded::next() {
  if (at_ < outputs_.size()) return outputs_[at_++];
  ADD_FAILURE() << "more outputs than were recorded";
  return {};
}

void Recorded::expect(const Buffer& bytes) {
  const size_t number = at_;
  EXPECT_EQ(to_hex(next()), to_hex(bytes)) << "output " << number;
}

}  // namespace freshet::crdt
