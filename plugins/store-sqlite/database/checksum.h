// plugins/store-sqlite/database/checksum.h: CRC-32C, to notice bytes that rotted on the disk.
//
// SQLite's own pages carry no checksum: a flipped bit inside a stored update would be read as good.
//
// Source: the Castagnoli polynomial (RFC 3720 B.4), eight tables at a time as in M. E. Kounavis and
// F. L. Berry, "A Systematic Approach to Building High Performance Software-Based CRC Generators".
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "freshet/bytes.h"

namespace freshet::sqlite {

namespace crc32c {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    tables[0][i] = crc;
  }
  for (size_t t = 1; t < 8; ++t) {
    for (size_t i = 0; i < 256; ++i) {
      const uint32_t before = tables[t - 1][i];
      tables[t][i] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

inline constexpr Tables kTables = make_tables();

}  // namespace crc32c

class Crc32c {
 public:
  Crc32c& add(Bytes bytes) {
    const uint8_t* at = bytes.data();
    size_t left = bytes.size();
    uint32_t crc = crc_;
    for (; left >= 8; left -= 8, at += 8) {
      uint64_t word = 0;
      for (unsigned i = 0; i < 8; ++i) word |= uint64_t{at[i]} << (8 * i);
      word ^= crc;
      crc = 0;
      for (unsigned i = 0; i < 8; ++i) crc ^= crc32c::kTables[7 - i][(word >> (8 * i)) & 0xff];
    }
    for (; left > 0; --left, ++at) crc = (crc >> 8) ^ crc32c::kTables[0][(crc ^ *at) & 0xff];
    crc_ = crc;
    return *this;
  }
  Crc32c& add(uint64_t number) {
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<uint8_t>(number >> (8 * i));
    return add(Bytes(bytes));
  }
  uint32_t value() const { return ~crc_; }

 private:
  uint32_t crc_ = 0xffffffffu;
};

// Of a stored value: these bytes, at this place of this history.
inline int64_t checksum_of(Bytes epoch, uint64_t seq, Bytes data) {
  return Crc32c().add(epoch).add(seq).add(data).value();
}

}  // namespace freshet::sqlite
