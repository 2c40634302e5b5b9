// What an update is said to take before it is applied, against what it takes.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "fixtures.h"
#include "freshet/crdt/updates.h"
#include "freshet/format/codec.h"

namespace freshet::crdt {
namespace {

constexpr size_t kMany = 20'000;

struct Shape {
  const char* name;
  void (*structs)(Writer& out);
};

void head(Writer& out, size_t sections, size_t structs) {
  out.varuint(sections);
  if (structs == 0) return;
  out.varuint(structs);
  out.varuint(7);  // client
  out.varuint(0);  // clock
}

// A struct without origins in root `root`; `key`: in a map.
void in_root(Writer& out, uint8_t kind, std::string_view root, std::string_view key = {}) {
  out.u8(key.empty() ? kind : static_cast<uint8_t>(kind | 0x20));
  out.varuint(1);
  out.string(root);
  if (!key.empty()) out.string(key);
}

void behind_last(Writer& out, uint8_t kind, size_t clock) {
  out.u8(kind | 0x80);
  out.varuint(7);
  out.varuint(clock - 1);
}

const Shape kShapes[] = {
    {"empty maps",
     [](Writer& out) {
       head(out, 1, kMany);
       for (size_t i = 0; i < kMany; ++i) {
         i == 0 ? in_root(out, 7, "") : behind_last(out, 7, i);
         out.varuint(1);
       }
     }},
    {"empty maps that all name the root",
     [](Writer& out) {
       head(out, 1, kMany);
       for (size_t i = 0; i < kMany; ++i) {
         in_root(out, 7, "");
         out.varuint(1);
       }
     }},
    {"maps in maps",
     [](Writer& out) {
       head(out, 1, kMany);
       for (size_t i = 0; i < kMany; ++i) {
         if (i == 0) {
           in_root(out, 7, "");
         } else {
           out.u8(7);
           out.varuint(0);
           out.varuint(7);
           out.varuint(i - 1);
         }
         out.varuint(1);
       }
     }},
    {"roots",
     [](Writer& out) {
       head(out, 1, kMany);
       for (size_t i = 0; i < kMany; ++i) {
         in_root(out, 7, std::to_string(i));
         out.varuint(1);
       }
     }},
    {"keys",
     [](Writer& out) {
       head(out, 1, kMany);
       for (size_t i = 0; i < kMany; ++i) {
         in_root(out, 8, "m", std::to_string(i));
         out.varuint(1);
         out.u8(126);  // null
       }
     }},
    {"values in one struct",
     [](Writer& out) {
       head(out, 1, 1);
       in_root(out, 8, "a");
       out.varuint(kMany);
       for (size_t i = 0; i < kMany; ++i) out.u8(126);
     }},
    {"a text",
     [](Writer& out) {
       head(out, 1, 1);
       in_root(out, 4, "t");
       out.string(std::string(kMany, 'x'));
     }},
    {"letters of clients",
     [](Writer& out) {
       head(out, kMany, 0);
       for (size_t i = 0; i < kMany; ++i) {
         out.varuint(1);
         out.varuint(i);
         out.varuint(0);
         in_root(out, 4, "t");
         out.string("x");
       }
     }},
    {"garbage",
     [](Writer& out) {
       head(out, 1, kMany);
       for (size_t i = 0; i < kMany; ++i) {
         out.u8(0);
         out.varuint(1);
       }
     }},
};

// Caches count: a document that was read once has them.
size_t memory_of(Doc& doc) {
  Buffer state;
  EXPECT_EQ(doc.diff({}, state), Status::ok);
  return doc.stats().memory_bytes;
}

TEST(Cost, IsWhatAnUpdateTakesAndNotManyTimesThat) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.name);
    Buffer update;
    Writer out(update);
    shape.structs(out);
    out.varuint(0);
    const auto cost = cost_of(update);
    ASSERT_TRUE(cost);
    Doc doc;
    ASSERT_TRUE(doc.apply(update));
    const size_t memory = memory_of(doc);
    EXPECT_GE(cost->document_bytes, memory * 3 / 4);
    // Garbage becomes one item, whatever its pieces.
    if (shape.name == std::string_view("garbage")) continue;
    EXPECT_LE(cost->document_bytes, memory * 3);
  }
}

TEST(Cost, OfBytesThatAreNoUpdateIsNone) {
  EXPECT_EQ(cost_of({}).status(), Status::malformed);
  const Buffer cut = {1, 200, 1, 0};
  EXPECT_EQ(cost_of(cut).status(), Status::malformed);
}

}  // namespace
}  // namespace freshet::crdt
