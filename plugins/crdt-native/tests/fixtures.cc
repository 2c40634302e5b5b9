#include "fixtures.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

namespace freshet::crdt {

Buffer from_hex(const std::string& hex) {
  Buffer bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::string to_hex(Bytes bytes) {
  std::string hex;
  for (const uint8_t byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::vector<Fixture> read_fixtures() {
  const char* folder = std::getenv("FRESHET_CRDT_FIXTURES");
  std::ifstream in(std::string(folder == nullptr ? "." : folder) + "/yjs.txt");
  if (!in) {
    std::cerr << "no fixtures: set FRESHET_CRDT_FIXTURES\n";
    std::abort();
  }
  const std::map<std::string, Shape> shapes = {{"text", Shape::text},
                                               {"array", Shape::array},
                                               {"map", Shape::map},
                                               {"xml_fragment", Shape::xml_fragment}};
  std::vector<Fixture> fixtures;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string what, first, second;
    words >> what >> first >> second;
    if (what == "case") {
      fixtures.emplace_back().name = first;
    } else if (what == "update") {
      fixtures.back().updates.push_back(from_hex(first));
    } else if (what == "sv") {
      fixtures.back().state_vector = from_hex(first);
    } else if (what == "state") {
      fixtures.back().state = from_hex(first);
    } else if (what == "diff") {
      fixtures.back().diffs.emplace_back(from_hex(first), from_hex(second));
    } else if (what == "json") {
      const size_t at = line.find(second) + second.size() + 1;
      fixtures.back().views.push_back({first, shapes.at(second), line.substr(at)});
    }
  }
  return fixtures;
}

Buffer state_of(const Doc& doc) {
  Buffer out;
  (void)doc.diff({}, out);
  return out;
}

Buffer state_vector_of(const Doc& doc) {
  Buffer out;
  doc.state_vector(out);
  return out;
}

std::string json_of(const Doc& doc) {
  std::string out;
  doc.json(out);
  return out;
}

std::string text_of(const Doc& doc, const std::string& root) {
  std::string out;
  doc.text(root, out);
  return out;
}

}  // namespace freshet::crdt
