// The lib0 format: bytes written by hand against the reader, the writer against the reader, and
// random bytes against the reader's promises.
#include "freshet/format/codec.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <random>
#include <string>

namespace freshet {

namespace {

using Blob = std::vector<uint8_t>;

Blob written_varuint(uint64_t value) {
  Blob out;
  Writer(out).varuint(value);
  return out;
}

Blob written_varint(uint64_t magnitude, bool negative) {
  Blob out;
  Writer(out).varint({magnitude, negative});
  return out;
}

}  // namespace

// ---- varuint

TEST(Varuint, HasTheBytesThatLib0Writes) {
  const struct {
    uint64_t value;
    Blob bytes;
  } table[] = {
      {0, {0x00}},
      {1, {0x01}},
      {127, {0x7f}},
      {128, {0x80, 0x01}},
      {300, {0xac, 0x02}},
      {16383, {0xff, 0x7f}},
      {16384, {0x80, 0x80, 0x01}},
      {uint64_t{1} << 32, {0x80, 0x80, 0x80, 0x80, 0x10}},
      {kMaxSafeInteger, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f}},
  };
  for (const auto& [value, bytes] : table) {
    EXPECT_EQ(written_varuint(value), bytes) << value;
    EXPECT_EQ(varuint_size(value), bytes.size()) << value;
    Reader in(bytes);
    EXPECT_EQ(in.varuint(), value);
    EXPECT_TRUE(in.ok() && in.at_end() && in.shortest()) << value;
  }
}

TEST(Varuint, RefusesWhatIsNoNumberBelowTwoToThe53) {
  const Blob table[] = {
      {},                                                                  // nothing
      {0x80},                                                              // cut
      {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},                          // cut
      {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10},                    // 2^53
      {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},                    // 2^56 - 1
      {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01},        // 2^63
      {0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02},        // 2^64 + 1
      {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00},  // no end in sight
      Blob(1000, 0xff),
  };
  for (const Blob& bytes : table) {
    Reader in(bytes);
    EXPECT_EQ(in.varuint(), 0u);
    EXPECT_FALSE(in.ok()) << bytes.size();
    EXPECT_TRUE(in.at_end());
  }
}

TEST(Varuint, TakesALongFormAndRemembersThatItWasOne) {
  const Blob bytes = {0x85, 0x80, 0x00, 0x07};
  Reader in(bytes);
  EXPECT_EQ(in.varuint(), 5u);
  EXPECT_TRUE(in.ok());
  EXPECT_FALSE(in.shortest());
  EXPECT_EQ(in.varuint(), 7u);
  EXPECT_FALSE(in.shortest());
}

// ---- varint

TEST(Varint, HasTheBytesThatLib0Writes) {
  const struct {
    uint64_t magnitude;
    bool negative;
    Blob bytes;
  } table[] = {
      {0, false, {0x00}},
      {0, true, {0x40}},
      {1, true, {0x41}},
      {63, false, {0x3f}},
      {64, false, {0x80, 0x01}},
      {64, true, {0xc0, 0x01}},
      {8191, false, {0xbf, 0x7f}},
      {8192, false, {0x80, 0x80, 0x01}},
      {kMaxSafeInteger, false, {0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f}},
      {kMaxSafeInteger, true, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f}},
  };
  for (const auto& [magnitude, negative, bytes] : table) {
    EXPECT_EQ(written_varint(magnitude, negative), bytes) << magnitude;
    Reader in(bytes);
    const SignedMagnitude read = in.varint();
    EXPECT_EQ(read.magnitude, magnitude);
    EXPECT_EQ(read.negative, negative) << magnitude;
    EXPECT_TRUE(in.ok() && in.at_end() && in.shortest()) << magnitude;
  }
}

TEST(Varint, RefusesWhatIsNoNumberWithinTwoToThe53) {
  const Blob table[] = {
      {},
      {0x80},
      {0xc0, 0x80},
      {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20},        // 2^53
      {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01},  // 2^55 and more
      // Bits that lie past the 64th: they must not fall off and leave a small number.
      {0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x04},
      {0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01},
      Blob(1000, 0xff),
  };
  for (const Blob& bytes : table) {
    Reader in(bytes);
    EXPECT_EQ(in.varint().magnitude, 0u);
    EXPECT_FALSE(in.ok()) << bytes.size();
  }
}

TEST(Varint, TakesALongFormAndRemembersThatItWasOne) {
  const Blob bytes = {0x81, 0x00};
  Reader in(bytes);
  EXPECT_EQ(in.varint().magnitude, 1u);
  EXPECT_TRUE(in.ok());
  EXPECT_FALSE(in.shortest());
}

// ---- bytes and strings

TEST(Reader, BorrowsBytesAndStringsFromItsInput) {
  const Blob bytes = {0x02, 0xff, 0xfe, 0x03, 'a', 0xc3, 0xa4, 0x00};
  Reader in(bytes);
  const Bytes raw = in.bytes();
  EXPECT_EQ(raw.data(), bytes.data() + 1);
  EXPECT_EQ(raw.size(), 2u);
  EXPECT_EQ(in.string(), "a\xc3\xa4");
  EXPECT_EQ(in.offset(), 7u);
  EXPECT_EQ(in.remaining(), 1u);
  EXPECT_TRUE(in.string().empty());
  EXPECT_TRUE(in.ok() && in.at_end());
}

TEST(Reader, RefusesALengthOverWhatIsLeft) {
  for (const Blob& bytes : std::initializer_list<Blob>{
           {0x03, 'a', 'b'}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 'a'}}) {
    Reader in(bytes);
    EXPECT_TRUE(in.bytes().empty());
    EXPECT_FALSE(in.ok());
    EXPECT_EQ(in.remaining(), 0u);
  }
}

TEST(Reader, RefusesAStringThatIsNoUtf8) {
  const Blob bytes = {0x02, 0xc3, 0x28, 0x01, 'a'};
  Reader in(bytes);
  EXPECT_TRUE(in.string().empty());
  EXPECT_FALSE(in.ok());
  EXPECT_TRUE(in.string().empty()) << "stuck once it has failed";
}

TEST(Reader, StaysFailedAndReadsZeroAfterwards) {
  const Blob bytes = {0x80};
  Reader in(bytes);
  in.varuint();
  EXPECT_EQ(in.u8(), 0);
  EXPECT_EQ(in.varuint(), 0u);
  EXPECT_EQ(in.varint().magnitude, 0u);
  EXPECT_TRUE(in.bytes().empty());
  EXPECT_TRUE(in.take(1).empty());
  EXPECT_TRUE(in.rest().empty());
  EXPECT_FALSE(in.ok());
}

TEST(Reader, ReadsNothingFromNothing) {
  Reader in{Bytes{}};
  EXPECT_TRUE(in.at_end() && in.ok());
  EXPECT_TRUE(in.take(0).empty());
  EXPECT_TRUE(in.ok());
  in.u8();
  EXPECT_FALSE(in.ok());
}

TEST(Writer, AppendsToWhatIsThere) {
  Blob out = {0xaa};
  Writer writer(out);
  writer.u8(1);
  writer.raw(as_bytes("xy"));
  writer.bytes(as_bytes("z"));
  writer.string("");
  EXPECT_EQ(out, (Blob{0xaa, 1, 'x', 'y', 1, 'z', 0}));
}

// ---- by seed

namespace {

// A sequence of values, written, and read back from any prefix.
struct Script {
  explicit Script(uint64_t seed) : random(seed) {}

  void write(Blob& out) {
    Writer writer(out);
    for (int left = 20; left > 0; --left) {
      kinds.push_back(random() % 4);
      numbers.push_back(random() >> (11 + random() % 53));
      texts.push_back(std::string(numbers.back() % 40, 'x') + "\xf0\x9f\x8c\x8a");
      switch (kinds.back()) {
        case 0: writer.varuint(numbers.back()); break;
        case 1: writer.varint({numbers.back(), numbers.back() % 2 == 0}); break;
        case 2: writer.string(texts.back()); break;
        default: writer.u8(static_cast<uint8_t>(numbers.back())); break;
      }
    }
  }

  // True if every value came back.
  bool read(Reader& in) const {
    bool same = true;
    for (size_t i = 0; i < kinds.size(); ++i) {
      switch (kinds[i]) {
        case 0: same &= in.varuint() == numbers[i]; break;
        case 1: {
          const SignedMagnitude read = in.varint();
          same &= read.magnitude == numbers[i] && read.negative == (numbers[i] % 2 == 0);
          break;
        }
        case 2: same &= in.string() == texts[i]; break;
        default: same &= in.u8() == static_cast<uint8_t>(numbers[i]); break;
      }
    }
    return same && in.ok();
  }

  std::mt19937_64 random;
  std::vector<uint64_t> kinds, numbers;
  std::vector<std::string> texts;
};

}  // namespace

TEST(Codec, WhatIsWrittenComesBackAndNoPrefixOfItDoes) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Script script(seed);
    Blob out;
    script.write(out);
    Reader whole(out);
    ASSERT_TRUE(script.read(whole)) << "seed " << seed;
    ASSERT_TRUE(whole.at_end() && whole.shortest()) << "seed " << seed;
    for (size_t size = 0; size < out.size(); ++size) {
      // Memory of exactly that size, so that a sanitizer sees a read past its end.
      const Blob cut(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size));
      Reader in(cut);
      ASSERT_FALSE(script.read(in)) << "seed " << seed << " cut at " << size;
      ASSERT_FALSE(in.ok());
    }
  }
}

TEST(Codec, RandomBytesNeverMoveTheReaderOutOfItsInput) {
  for (uint64_t seed = 1; seed <= 20'000; ++seed) {
    std::mt19937_64 random(seed);
    Blob bytes(random() % 40);
    // Half of the time mostly long numbers, which is where a reader could run away.
    const uint8_t set = random() % 2 == 0 ? 0x80 : 0;
    for (auto& byte : bytes) byte = static_cast<uint8_t>(random()) | set;
    Reader in(bytes);
    size_t last = 0;
    while (in.ok() && !in.at_end()) {
      switch (random() % 5) {
        case 0: ASSERT_LE(in.varuint(), kMaxSafeInteger); break;
        case 1: ASSERT_LE(in.varint().magnitude, kMaxSafeInteger); break;
        case 2: ASSERT_TRUE(valid_utf8(as_bytes(in.string()))); break;
        case 3: in.bytes(); break;
        default: in.take(random() % 8); break;
      }
      ASSERT_LE(in.offset(), bytes.size()) << "seed " << seed;
      ASSERT_EQ(in.offset() + in.remaining(), bytes.size()) << "seed " << seed;
      ASSERT_GE(in.offset(), last) << "seed " << seed;
      last = in.offset();
    }
  }
}

}  // namespace freshet
