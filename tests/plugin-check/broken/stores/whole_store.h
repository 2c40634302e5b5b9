// A store in memory, as it should be.
#pragma once

#include <freshet/plugin.h>
#include <freshet/store/rooms_in_memory.h>

class WholeStore final : public freshet::Store {
 public:
  static constexpr freshet::About kAbout{
      .id = "store-whole", .version = "1.0.0", .summary = "Keeps rooms in memory."};
  static freshet::Result<std::unique_ptr<WholeStore>> create(freshet::Host) {
    return std::make_unique<WholeStore>();
  }

  freshet::Status load(std::string_view room, freshet::Reply out) override {
    return rooms_.load(room, out);
  }
  freshet::Status info(std::string_view room, freshet::Reply out) override {
    return rooms_.info(room, out);
  }
  freshet::Status list(std::string_view after, uint32_t limit, freshet::Reply out) override {
    return rooms_.list(after, limit, out);
  }
  freshet::Status append(const freshet_batch& batch, freshet::Reply out) override {
    if (!rooms_.knows(batch)) {
      FRESHET_CHECK(rooms_.may_append(batch, out));
      rooms_.append(batch);
    }
    return rooms_.answer(batch, out);
  }
  freshet::Status replace(std::string_view room, const freshet_epoch& epoch, uint64_t through_seq,
                          freshet::Bytes snapshot) override {
    FRESHET_CHECK(rooms_.may_replace(room, epoch, through_seq));
    rooms_.replace(room, through_seq, snapshot);
    return freshet::Status::ok;
  }
  freshet::Status put(std::string_view room, const freshet_epoch& epoch,
                      freshet::Bytes snapshot) override {
    rooms_.put(room, epoch, snapshot);
    return freshet::Status::ok;
  }
  freshet::Status erase(std::string_view room) override {
    if (rooms_.find(room) == nullptr) return freshet::Status::not_found;
    rooms_.erase(room);
    return freshet::Status::ok;
  }

 private:
  freshet::RoomsInMemory rooms_{10'000};
};
