// The store of the examples, which keeps in a file what it was told and is told it again when it is
// opened. As it should be but for when it writes.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "whole_store.h"

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
    const freshet::Status status = rooms_.append(batch, out);
    if (status != freshet::Status::ok) return status;
    for (size_t i = 0; i < batch.count; ++i) {
      const freshet_append& e = batch.entries[i];
      note('a', view(e.room), e.epoch, e.flags, e.update, view(e.author), e.first_unix_ms,
           e.last_unix_ms);
    }
    return keep();
  }
  freshet::Status replace(std::string_view room, const freshet_epoch& epoch, uint64_t through,
                          freshet::Bytes snapshot) override {
    const freshet::Status status = rooms_.replace(room, epoch, through, snapshot);
    if (status != freshet::Status::ok) return status;
    note('r', room, epoch, through, freshet::to_c(snapshot));
    return keep();
  }
  freshet::Status put(std::string_view room, const freshet_epoch& epoch,
                      freshet::Bytes snapshot) override {
    const freshet::Status status = rooms_.put(room, epoch, snapshot);
    if (status != freshet::Status::ok) return status;
    note('p', room, epoch, 0, freshet::to_c(snapshot));
    return keep();
  }
  freshet::Status erase(std::string_view room) override {
    const freshet::Status status = rooms_.erase(room);
    if (status != freshet::Status::ok) return status;
    note('e', room, {}, 0, {});
    return keep();
  }
  freshet::Status list(std::string_view after, uint32_t limit, freshet::Reply out) override {
    return rooms_.list(after, limit, out);
  }
  freshet::Status info(std::string_view room, freshet::Reply out) override {
    return rooms_.info(room, out);
  }

 private:
  static std::string_view view(freshet_str text) { return freshet::view(text); }

  // One call as one record: what it was, three texts and three numbers.
  struct Record {
    uint64_t kind, room, bytes, author, number, first, last;
    freshet_epoch epoch;
  };
  void note(char kind, std::string_view room, const freshet_epoch& epoch, uint64_t number,
            freshet_bytes bytes, std::string_view author = {}, uint64_t first = 0,
            uint64_t last = 0) {
    const Record head{static_cast<uint64_t>(kind),
                      room.size(),
                      bytes.size,
                      author.size(),
                      number,
                      first,
                      last,
                      epoch};
    waiting_.append(reinterpret_cast<const char*>(&head), sizeof(head)).append(room);
    waiting_.append(reinterpret_cast<const char*>(bytes.data), bytes.size).append(author);
  }
  freshet::Status keep() {
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
    for (size_t at = 0; all.size() - at >= sizeof(Record);) {
      Record head;
      std::memcpy(&head, all.data() + at, sizeof(head));
      at += sizeof(head);
      if (head.room + head.bytes + head.author > all.size() - at) return;
      const std::string_view room(all.data() + at, head.room);
      const std::string_view bytes(room.data() + room.size(), head.bytes);
      const std::string_view author(bytes.data() + bytes.size(), head.author);
      at += head.room + head.bytes + head.author;
      again(head, room, freshet::as_bytes(bytes), author);
    }
  }
  void again(const Record& head, std::string_view room, freshet::Bytes bytes,
             std::string_view author) {
    freshet_append entry{};
    entry.room = freshet::to_c(room);
    entry.epoch = head.epoch;
    entry.flags = static_cast<uint32_t>(head.number);
    entry.update = freshet::to_c(bytes);
    entry.author = freshet::to_c(author);
    entry.first_unix_ms = head.first;
    entry.last_unix_ms = head.last;
    const freshet_batch batch{sizeof(batch), {{'k'}, 9}, ++again_, &entry, 1};
    const freshet_replies nobody{
        sizeof(nobody), nullptr,
        [](void*, uint64_t, const freshet_item*) -> freshet_status { return FRESHET_OK; },
        [](void*, uint64_t, freshet_status) {}};
    if (head.kind == 'a') static_cast<void>(rooms_.append(batch, freshet::Reply({&nobody, 0})));
    if (head.kind == 'r') static_cast<void>(rooms_.replace(room, head.epoch, head.number, bytes));
    if (head.kind == 'p') static_cast<void>(rooms_.put(room, head.epoch, bytes));
    if (head.kind == 'e') static_cast<void>(rooms_.erase(room));
  }

  WholeStore rooms_;
  int file_;
  std::string waiting_;
  uint64_t again_ = 0;
};

}  // namespace broken
