// frames.h: bytes that real Yjs packages made (tools/fixtures/protocol-yjs.mjs), by name.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace freshet::yjs {

inline std::vector<uint8_t> from_hex(const std::string& hex) {
  std::vector<uint8_t> out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return out;
}

inline std::vector<uint8_t> fixture(const std::string& name) {
  std::ifstream in(FIXTURES "/frames.txt");
  for (std::string key, hex; in >> key >> hex;) {
    if (key == name) return from_hex(hex);
  }
  ADD_FAILURE() << "no fixture " << name;
  return {};
}

}  // namespace freshet::yjs
