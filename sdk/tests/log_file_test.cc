// A file of records, and what a store does with it: what is there after whatever happened to it.
#include "freshet/store/log_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "freshet/store/records.h"
#include "freshet/testing/store_caller.h"

namespace freshet::testing {
namespace {

class LogFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = (std::filesystem::temp_directory_path() / "freshet-log-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  void TearDown() override {
    log_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string path() const { return (folder_ / "data" / "log").string(); }
  // Opens it anew: all its records, and what reading them was answered.
  std::string read() {
    log_.reset();
    auto opened = LogFile::open(host_.host(), path());
    if (!opened) return std::string(name_of(opened.status()));
    log_ = *std::move(opened);
    std::string out;
    const Status status = log_->read([&](Bytes record) {
      out += std::string(as_text(record)) + ".";
      return Status::ok;
    });
    return status == Status::ok ? out : out + std::string(name_of(status));
  }
  Status append(std::string_view record) { return log_->append(as_bytes(record)); }
  // The file's bytes, to be spoilt.
  std::string bytes() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put(const std::string& bytes) const {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << bytes;
  }

  std::filesystem::path folder_;
  FakeHost host_;
  std::unique_ptr<LogFile> log_;
};

TEST_F(LogFileTest, HasWhatWasAppendedWhenItIsOpenedAgain) {
  EXPECT_EQ(read(), "");
  EXPECT_EQ(append("one"), Status::ok);
  EXPECT_EQ(append(""), Status::ok);
  EXPECT_EQ(append("three"), Status::ok);
  EXPECT_EQ(read(), "one..three.");
  EXPECT_EQ(append("four"), Status::ok);
  EXPECT_EQ(read(), "one..three.four.");
}

TEST_F(LogFileTest, CutsOffWhatWasHalfWrittenWhereverItEnded) {
  EXPECT_EQ(read(), "");
  ASSERT_EQ(append("one"), Status::ok);
  const size_t whole = bytes().size();
  ASSERT_EQ(append("the second"), Status::ok);
  const std::string all = bytes();
  for (size_t end = whole; end < all.size(); ++end) {
    put(all.substr(0, end));
    EXPECT_EQ(read(), "one.") << "of " << end << " bytes";
    EXPECT_EQ(append("next"), Status::ok);
    EXPECT_EQ(read(), "one.next.");
  }
  // Its length on the disk, and not yet its bytes.
  put(all.substr(0, whole) + std::string(all.size() - whole, '\0'));
  EXPECT_EQ(read(), "one.");
  std::string torn = all;
  torn.back() = 'X';
  put(torn);
  EXPECT_EQ(read(), "one.");
}

TEST_F(LogFileTest, CutsOffNothingThatWasAcknowledged) {
  EXPECT_EQ(read(), "");
  for (const char* each : {"one", "two", "three"}) ASSERT_EQ(append(each), Status::ok);
  const std::string all = bytes();
  for (size_t at = 0; at < all.size() * 2 / 3; ++at) {
    std::string spoilt = all;
    spoilt[at] = static_cast<char>(spoilt[at] ^ 0x55);
    put(spoilt);
    EXPECT_TRUE(read().ends_with("corrupt")) << "byte " << at;
    EXPECT_EQ(bytes(), spoilt);
  }
}

TEST_F(LogFileTest, TakesNothingOfWhatAFullDiskHasNoRoomFor) {
  EXPECT_EQ(read(), "");
  ASSERT_EQ(append("one"), Status::ok);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit full = before;
  full.rlim_cur = 4096;
  ::setrlimit(RLIMIT_FSIZE, &full);
  EXPECT_EQ(append(std::string(8000, 'x')), Status::retry);
  EXPECT_EQ(append("two"), Status::ok) << "what fits is taken";
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(read(), "one.two.");
}

TEST_F(LogFileTest, IsOneProcesssAndSaysWhenItIsGone) {
  EXPECT_EQ(read(), "");
  EXPECT_EQ(LogFile::open(host_.host(), path()).status(), Status::retry);
  EXPECT_EQ(log_->trouble(), "");
  std::filesystem::remove(path());
  EXPECT_NE(log_->trouble(), "");
}

TEST_F(LogFileTest, BeginsAnewAndIsCopied) {
  EXPECT_EQ(read(), "");
  for (const char* each : {"one", "two"}) ASSERT_EQ(append(each), Status::ok);
  ASSERT_EQ(log_->begin_anew({{'a'}, {'b', 'c'}}), Status::ok);
  EXPECT_EQ(log_->trouble(), "");
  ASSERT_EQ(append("d"), Status::ok);
  const std::string copy = (folder_ / "copy").string();
  EXPECT_EQ(log_->copy_to(copy), Status::ok);
  EXPECT_EQ(log_->copy_to(copy), Status::conflict);
  EXPECT_EQ(read(), "a.bc.d.");
  std::filesystem::rename(copy, path());
  EXPECT_EQ(read(), "a.bc.d.");
}

// ---- records

TEST(Records, MakeTheSameRoomsAgainOneByOneAndAllTogether) {
  RoomsInMemory rooms(10), again(10), together(10);
  const std::string long_author(300, 'a');
  freshet_append entries[2] = {};
  for (freshet_append& entry : entries) {
    entry.epoch = epoch_of(3);
    entry.flags = FRESHET_APPEND_NEW;
    entry.room = to_c(std::string_view("a\0\xff", 3));
    entry.update = to_c(as_bytes("an update"));
    entry.author = to_c(std::string_view(long_author));
    entry.first_unix_ms = 1;
    entry.last_unix_ms = UINT64_MAX;
  }
  entries[1].room = to_c(std::string_view("b"));
  const freshet_batch batch{sizeof(batch), {{7}, 2}, UINT64_MAX, entries, 2};
  const std::vector<Record> done = {record_of_append(batch),
                                    record_of_replace("b", epoch_of(3), 1, as_bytes("snap")),
                                    record_of_put("c", epoch_of(9), as_bytes("begun")),
                                    record_of_put("d", epoch_of(9), {}), record_of_erase("d")};
  for (const Record& record : done) ASSERT_EQ(do_again(record, rooms), Status::ok);
  for (const Record& record : records_of(rooms)) ASSERT_EQ(do_again(record, together), Status::ok);
  for (const Record& record : done) ASSERT_EQ(do_again(record, again), Status::ok);
  EXPECT_TRUE(again.knows(batch)) << "the last batch is not written again";
  EXPECT_EQ(records_of(again), records_of(rooms));
  EXPECT_EQ(records_of(together), records_of(rooms));
  ASSERT_EQ(rooms.all().size(), 3u);
  const RoomsInMemory::Row& row = rooms.all().begin()->second.log.at(0);
  EXPECT_EQ(row.author, long_author);
  EXPECT_EQ(row.last_unix_ms, UINT64_MAX);
}

TEST(Records, OfNoRoomsAreRefused) {
  RoomsInMemory rooms(10);
  EXPECT_EQ(do_again({}, rooms), Status::corrupt);
  EXPECT_EQ(do_again(as_bytes("nonsense"), rooms), Status::corrupt);
  EXPECT_EQ(do_again(record_of_replace("a", epoch_of(1), 1, {}), rooms), Status::corrupt);
  Record cut = record_of_put("a", epoch_of(1), as_bytes("snapshot"));
  cut.pop_back();
  EXPECT_EQ(do_again(cut, rooms), Status::corrupt);
  EXPECT_TRUE(rooms.all().empty());
}

}  // namespace
}  // namespace freshet::testing
