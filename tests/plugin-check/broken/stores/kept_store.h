// A store that keeps in a file what was done to it, and does it again when it is opened. As it
// should be but for when it writes.
#pragma once

#include <fcntl.h>
#include <freshet/plugin.h>
#include <freshet/store/records.h>
#include <freshet/store/rooms_in_memory.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

namespace broken {

enum class Writes { at_once, carelessly, at_the_end };

template <Writes kWrites, bool kLocks>
class KeptStore final : public freshet::Store {
 public:
  static constexpr freshet_setting kSettings[] = {
      freshet::setting::text("path", "store", "The file."),
      freshet::setting::integer("max_rooms", "10000", 1, 1'000'000, nullptr, "Rooms kept.")};
  static constexpr freshet::About kAbout{
      .id = "store-kept", .version = "1.0.0", .summary = "Keeps calls.", .settings = kSettings};

  static freshet::Result<std::unique_ptr<KeptStore>> create(freshet::Host host) {
    auto out = std::make_unique<KeptStore>(host);
    if (kLocks && ::flock(out->file_, LOCK_EX | LOCK_NB) != 0) {
      host.error("another process has it");
      return freshet::Status::retry;
    }
    out->read();
    return out;
  }
  explicit KeptStore(freshet::Host host)
      : rooms_(static_cast<size_t>(host.number("max_rooms"))),
        file_(::open(std::string(host.text("path")).c_str(), O_CREAT | O_RDWR | O_APPEND, 0600)) {}
  ~KeptStore() {
    if (kWrites == Writes::at_the_end) write();
    ::close(file_);
  }
  KeptStore(const KeptStore&) = delete;
  KeptStore& operator=(const KeptStore&) = delete;

  freshet::Status load(std::string_view room, freshet::Reply out) override {
    return rooms_.load(room, out);
  }
  freshet::Status append(const freshet_batch& batch, freshet::Reply out) override {
    if (!rooms_.knows(batch)) {
      FRESHET_CHECK(rooms_.may_append(batch, out));
      FRESHET_CHECK(keep(freshet::record_of_append(batch)));
      rooms_.append(batch);
    }
    return rooms_.answer(batch, out);
  }
  freshet::Status replace(std::string_view room, const freshet_epoch& epoch, uint64_t through,
                          freshet::Bytes snapshot) override {
    FRESHET_CHECK(rooms_.may_replace(room, epoch, through));
    FRESHET_CHECK(keep(freshet::record_of_replace(room, epoch, through, snapshot)));
    rooms_.replace(room, through, snapshot);
    return freshet::Status::ok;
  }
  freshet::Status put(std::string_view room, const freshet_epoch& epoch,
                      freshet::Bytes snapshot) override {
    FRESHET_CHECK(rooms_.may_put(room));
    FRESHET_CHECK(keep(freshet::record_of_put(room, epoch, snapshot)));
    rooms_.put(room, epoch, snapshot);
    return freshet::Status::ok;
  }
  freshet::Status erase(std::string_view room) override {
    if (rooms_.find(room) == nullptr) return freshet::Status::not_found;
    FRESHET_CHECK(keep(freshet::record_of_erase(room)));
    rooms_.erase(room);
    return freshet::Status::ok;
  }
  freshet::Status list(std::string_view after, uint32_t limit, freshet::Reply out) override {
    return rooms_.list(after, limit, out);
  }
  freshet::Status info(std::string_view room, freshet::Reply out) override {
    return rooms_.info(room, out);
  }

 private:
  // One record: its length, and it.
  freshet::Status keep(const freshet::Record& record) {
    const uint64_t length = record.size();
    waiting_.append(reinterpret_cast<const char*>(&length), sizeof(length));
    waiting_.append(record.begin(), record.end());
    if (kWrites == Writes::at_the_end) return freshet::Status::ok;
    const off_t before = ::lseek(file_, 0, SEEK_END);
    if (write() || kWrites == Writes::carelessly) return freshet::Status::ok;
    // Whoever opens it again finds nothing of this call.
    return ::ftruncate(file_, before) == 0 ? freshet::Status::retry : freshet::Status::internal;
  }
  bool write() {
    const ssize_t written = ::write(file_, waiting_.data(), waiting_.size());
    const bool whole = written == static_cast<ssize_t>(waiting_.size());
    waiting_.clear();
    return whole;
  }

  void read() {
    std::ifstream in("/proc/self/fd/" + std::to_string(file_), std::ios::binary);
    const std::string all(std::istreambuf_iterator<char>(in), {});
    uint64_t length = 0;
    for (size_t at = 0; all.size() - at >= sizeof(length); at += length) {
      std::memcpy(&length, all.data() + at, sizeof(length));
      at += sizeof(length);
      if (length > all.size() - at) return;
      const auto record = freshet::as_bytes(std::string_view(all).substr(at, length));
      if (freshet::do_again(record, rooms_) != freshet::Status::ok) return;
    }
  }

  freshet::RoomsInMemory rooms_;
  int file_;
  std::string waiting_;
};

}  // namespace broken
