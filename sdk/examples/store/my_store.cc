// my-store: a Freshet store that keeps rooms in one file, where each change is on the disk before
// it is answered, and in memory, where they are looked for. What each function promises is said in
// freshet/abi/store.h, and my_store_test.cc tries it.
#include <freshet/plugin.h>
#include <freshet/store/log_file.h>
#include <freshet/store/records.h>
#include <freshet/store/rooms_in_memory.h>

#include <string>
#include <utility>

namespace {

using freshet::Bytes, freshet::Reply, freshet::Status;

// The server calls a store on one worker thread, one call at a time: there is nothing to lock.
class MyStore final : public freshet::Store {
 public:
  // What a manifest may say under [plugin.settings], checked before the plugin runs.
  static constexpr freshet_setting kSettings[] = {
      freshet::setting::text("path", "data/my-store.log", "The file; made if need be."),
      freshet::setting::integer("max_rooms", "10000", 1, 1'000'000, nullptr,
                                "Rooms kept; the next one is refused.")};
  static constexpr freshet::About kAbout{.id = "my-store",
                                         .version = "0.1.0",
                                         .summary = "Keeps rooms in a file.",
                                         .settings = kSettings};

  // Where what can fail is done; why it did is in the log. No other process gets at the file until
  // this one has ended, however it ends.
  static freshet::Result<std::unique_ptr<MyStore>> create(freshet::Host host) {
    FRESHET_TRY(auto file, freshet::LogFile::open(host, std::string(host.text("path"))));
    auto out =
        std::make_unique<MyStore>(std::move(file), static_cast<size_t>(host.number("max_rooms")));
    FRESHET_CHECK(out->read());
    return out;
  }
  MyStore(std::unique_ptr<freshet::LogFile> file, size_t max_rooms)
      : file_(std::move(file)), rooms_(max_rooms) {}

  Status load(std::string_view room, Reply out) override { return rooms_.load(room, out); }
  Status info(std::string_view room, Reply out) override { return rooms_.info(room, out); }
  Status list(std::string_view after, uint32_t limit, Reply out) override {
    return rooms_.list(after, limit, out);
  }

  // All of the batch or nothing, and on the disk when it is answered: look first, then write, then
  // change. A batch that comes again is answered as it was, and not written again.
  Status append(const freshet_batch& batch, Reply out) override {
    if (!rooms_.knows(batch)) {
      FRESHET_CHECK(rooms_.may_append(batch, out));
      FRESHET_CHECK(file_->append(freshet::record_of_append(batch)));
      rooms_.append(batch);
    }
    return rooms_.answer(batch, out);
  }

  Status replace(std::string_view room, const freshet_epoch& epoch, uint64_t through_seq,
                 Bytes snapshot) override {
    FRESHET_CHECK(rooms_.may_replace(room, epoch, through_seq));
    FRESHET_CHECK(file_->append(freshet::record_of_replace(room, epoch, through_seq, snapshot)));
    rooms_.replace(room, through_seq, snapshot);
    return Status::ok;
  }

  Status put(std::string_view room, const freshet_epoch& epoch, Bytes snapshot) override {
    FRESHET_CHECK(rooms_.may_put(room));
    FRESHET_CHECK(file_->append(freshet::record_of_put(room, epoch, snapshot)));
    rooms_.put(room, epoch, snapshot);
    return Status::ok;
  }

  Status erase(std::string_view room) override {
    if (rooms_.find(room) == nullptr) return Status::not_found;
    FRESHET_CHECK(file_->append(freshet::record_of_erase(room)));
    rooms_.erase(room);
    return Status::ok;
  }

  // The file itself is what there is to copy: `path` may be a backup.
  Status backup(std::string_view path, Reply) override { return file_->copy_to(std::string(path)); }

  Status check(Reply out) override {
    const std::string trouble = file_->trouble();
    return trouble.empty() ? Status::ok : out.write(FRESHET_STORE_TROUBLE, trouble);
  }

 private:
  // Everything that was done is done again. What was replaced and erased since is then left out, as
  // far as it is worth the writing.
  Status read() {
    FRESHET_CHECK(file_->read([this](Bytes record) { return freshet::do_again(record, rooms_); }));
    uint64_t kept = 0;
    for (const auto& [name, room] : rooms_.all()) kept += room.snapshot_bytes() + room.log_bytes();
    if (file_->size() < kWorthIt || file_->size() < 2 * kept) return Status::ok;
    return file_->begin_anew(freshet::records_of(rooms_));
  }

  static constexpr size_t kWorthIt = 1 << 20;

  const std::unique_ptr<freshet::LogFile> file_;
  freshet::RoomsInMemory rooms_;
};

}  // namespace

FRESHET_PLUGIN(MyStore)
