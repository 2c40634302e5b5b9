// Histories recorded from the real Yjs, see tools/fixtures/engine.mjs.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "freshet/crdt/doc.h"

namespace freshet::crdt {

using Buffer = std::vector<uint8_t>;

struct Fixture {
  struct View {
    std::string root;
    Shape shape;
    std::string json;
  };
  std::string name;
  std::vector<Buffer> updates;
  Buffer state_vector;
  Buffer state;
  std::vector<std::pair<Buffer, Buffer>> diffs;
  std::vector<View> views;
};

// Aborts if the file is not there: tests run with its folder in FRESHET_CRDT_FIXTURES.
std::vector<Fixture> read_fixtures();

Buffer from_hex(const std::string& hex);
std::string to_hex(Bytes bytes);

Buffer state_of(const Doc& doc);
Buffer state_vector_of(const Doc& doc);
std::string json_of(const Doc& doc);
std::string text_of(const Doc& doc, const std::string& root);

}  // namespace freshet::crdt
