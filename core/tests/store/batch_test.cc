// Which updates of a batch share a row, and what the row is then.
#include "core/store/batch.h"

#include <gtest/gtest.h>

#include "core/store/journal.h"
#include "core/store/limits.h"
#include "freshet/sink.h"

namespace freshet {
namespace {

struct Room final : Journaled {
  explicit Room(std::string name_of_it) : named(std::move(name_of_it)) {}
  const std::string& name() const override { return named; }
  void on_saved(const Stored&) override {}
  void on_refused(Status) override {}
  const std::string named;
};

// Puts a bar between what it squashes.
struct Engine {
  static inline freshet_status answer = FRESHET_OK;
  static inline size_t calls = 0;

  Engine() {
    answer = FRESHET_OK;
    calls = 0;
    table.size = sizeof(table);
    table.squash = [](void*, uint32_t, const freshet_bytes* updates, size_t count,
                      const freshet_sink* out) {
      ++calls;
      if (answer != FRESHET_OK) return answer;
      std::string all(as_text(view(updates[0])));
      for (size_t i = 1; i < count; ++i) all += "|" + std::string(as_text(view(updates[i])));
      return out->write(out->ctx, to_c(as_bytes(all)));
    };
  }
  freshet_crdt table{};
};

freshet_epoch epoch(uint8_t first) {
  freshet_epoch epoch{};
  epoch.bytes[0] = first;
  return epoch;
}

struct BatchTest : ::testing::Test {
  void add(Room& room, std::string_view author, std::optional<uint64_t> writer,
           std::string_view update, uint8_t of_epoch = 1, bool is_new = false) {
    ++number;
    batch.add(room,
              {.epoch = epoch(of_epoch),
               .is_new = is_new,
               .author = author,
               .writer = writer,
               .update = as_bytes(update)},
              number, 1'000 * number);
  }
  std::vector<std::string> merged() {
    batch.merge(engine.table);
    std::vector<std::string> rows;
    for (const Batch::Row& row : batch.rows()) {
      rows.push_back(row.room->name() + " " + std::string(batch.author_of(row)) + " " +
                     std::string(as_text(batch.update_of(row))));
    }
    return rows;
  }
  using Rows = std::vector<std::string>;

  Engine engine;
  Room r{"r"}, s{"s"};
  Batch batch;
  uint64_t number = 0;
};

TEST_F(BatchTest, WhatOneAuthorWritesIntoOneRoomIsOneRowInThePlaceOfItsFirst) {
  add(r, "ada", 1, "a");
  add(r, "ben", 2, "b");
  add(r, "ada", 1, "c");
  add(s, "ada", 1, "d");
  add(r, "ben", 2, "e");
  EXPECT_EQ(merged(), (Rows{"r ada a|c", "r ben b|e", "s ada d"}));
}

TEST_F(BatchTest, ARowSaysWhenAndUnderWhatNumbersItWasWritten) {
  add(r, "ada", 1, "a");
  add(r, "ben", 2, "b");
  add(r, "ada", 1, "c");
  batch.merge(engine.table);
  const Batch::Row& row = batch.rows().front();
  EXPECT_EQ(row.first_number, 1u);
  EXPECT_EQ(row.last_number, 3u);
  EXPECT_EQ(row.first_unix_ms, 1'000u);
  EXPECT_EQ(row.last_unix_ms, 3'000u);
  EXPECT_EQ(row.updates, 2u);
  EXPECT_EQ(batch.updates(), 3u);
}

TEST_F(BatchTest, WhoseRowIsNotKnownIsARowOfItsOwn) {
  add(r, "ada", std::nullopt, "a");
  add(r, "ada", std::nullopt, "b");
  add(r, "ada", 1, "c");
  EXPECT_EQ(merged(), (Rows{"r ada a", "r ada b", "r ada c"}));
}

TEST_F(BatchTest, UsersAndClientsAndHistoriesAreKeptApart) {
  add(r, "ada", 1, "a");
  add(r, "ben", 1, "b");
  add(r, "ben", 2, "c");
  add(r, "ben", 2, "d", 2);
  add(r, "ben", 2, "e", 2, true);
  EXPECT_EQ(merged().size(), 5u);
  EXPECT_EQ(Engine::calls, 0u);
}

TEST_F(BatchTest, WhatTheEngineDoesNotSquashStaysAsItCame) {
  for (const freshet_status answer : {FRESHET_UNSUPPORTED, FRESHET_RETRY}) {
    Engine::answer = answer;
    batch = {};
    add(r, "ada", 1, "a");
    add(r, "ben", 2, "b");
    add(r, "ada", 1, "c");
    EXPECT_EQ(merged(), (Rows{"r ada a", "r ben b", "r ada c"}));
  }
}

TEST_F(BatchTest, AnEngineThatSquashesNothingIsNotAsked) {
  engine.table.squash = nullptr;
  add(r, "ada", 1, "a");
  add(r, "ada", 1, "b");
  EXPECT_EQ(merged(), (Rows{"r ada a", "r ada b"}));
}

TEST_F(BatchTest, ALongUpdateIsARowOfItsOwn) {
  const std::string is_long(kMaxMergedUpdateBytes + 1, 'x');
  add(r, "ada", 1, "a");
  add(r, "ada", 1, is_long);
  add(r, "ada", 1, "b");
  EXPECT_EQ(merged(), (Rows{"r ada a|b", "r ada " + is_long}));
}

TEST_F(BatchTest, NothingChangesPlacesOverMoreThanItsBound) {
  const std::string much(kMaxMergedUpdateBytes, 'x');
  add(r, "ada", 1, "a");
  for (size_t bytes = 0; bytes < kMaxReorderedBytes; bytes += much.size()) add(r, "ben", 2, much);
  add(r, "ada", 1, "b");
  const Rows rows = merged();
  EXPECT_EQ(rows.front(), "r ada a");
  EXPECT_EQ(rows.back(), "r ada b");
}

TEST_F(BatchTest, ItCountsWhatItWasGivenUntilItsEnd) {
  add(r, "ada", 1, "abc");
  add(r, "ada", 1, "d");
  const size_t given = 7 + 2 * sizeof(Batch::Row);  // one author, and what they wrote
  EXPECT_EQ(batch.bytes(), given);
  batch.merge(engine.table);
  EXPECT_EQ(batch.bytes(), given);
}

}  // namespace
}  // namespace freshet
