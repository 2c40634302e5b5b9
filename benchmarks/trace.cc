#include "trace.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "program.h"

namespace freshet::bench {

namespace {

uint32_t u32_at(const std::vector<uint8_t>& file, size_t at) {
  uint32_t value = 0;
  if (at + sizeof(value) > file.size()) die("the file is cut short");
  std::memcpy(&value, file.data() + at, sizeof(value));
  return value;
}

}  // namespace

Trace::Trace(const char* path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) die(std::string("cannot read ") + path);
  file.assign(std::istreambuf_iterator<char>(in), {});
  if (file.size() < 8 || std::memcmp(file.data(), "YUPD", 4) != 0) die("not a trace");
  size_t at = 8;
  for (uint32_t left = u32_at(file, 4); left > 0; --left) {
    const uint32_t length = u32_at(file, at);
    at += 4;
    if (length > file.size() - at) die("the file is cut short");
    updates.push_back(Bytes(file).subspan(at, length));
    at += length;
  }
}

}  // namespace freshet::bench
