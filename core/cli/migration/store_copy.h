// core/cli/migration/store_copy.h: what one store keeps, copied into another.
//
// Of a room: its epoch, its snapshot, and each row of its log with author and times, so that
// clients go on with it as if nothing had happened. Sequences are the new store's. A room that is
// half there, as a copy that was interrupted leaves it, is copied anew.
#pragma once

#include <string>
#include <vector>

#include "core/cli/answer.h"
#include "freshet/abi/store.h"

namespace freshet::cli {

class StoreCopy {
 public:
  // All outlive it.
  StoreCopy(Caller& caller, const freshet_store& from, const freshet_store& to);
  StoreCopy(const StoreCopy&) = delete;
  StoreCopy& operator=(const StoreCopy&) = delete;

  // Names of rooms, ascending, after this one.
  Result<std::vector<std::string>> rooms_after(const std::string& name);

  // changed: it was copied, and has been edited or folded there since.
  enum class There { no, some_of_it, all_of_it, changed, another_history };
  Result<There> look(const std::string& room);
  // Whatever is there is replaced. The bytes that were copied.
  Result<uint64_t> copy(const std::string& room);

  // ---- the outbox ----
  struct Topic {
    std::string name;
    uint64_t live = 0, dead = 0;
  };
  bool keeps_outbox() const;  // the store that is copied to
  // Of the store that is copied from; none if it keeps no outbox.
  Result<std::vector<Topic>> topics();
  Result<bool> has_topic(const std::string& topic);  // the store that is copied to
  // In their order, with new ids; dead ones are dead again.
  Status copy_outbox(const std::string& topic);

  // ---- what apps keep beside rooms ----
  struct Kept {
    std::string room, name;
  };
  bool keeps_values() const;  // the store that is copied to
  // In their order, behind this one; none if the store that is copied from keeps none.
  Result<std::vector<Kept>> kept_after(const Kept& last);
  // no, all_of_it, or changed.
  Result<There> look(const Kept& kept);
  // Whatever is there is replaced.
  Status copy(const Kept& kept);

 private:
  struct Size;
  struct Letter;

  Result<ReplyItems> ask(const Caller::Call& call);
  Result<Size> size_of(const freshet_store& store, const std::string& room);
  Status append(const std::string& room, const ReplyItems& items, const freshet_epoch& epoch);
  Status write(const std::vector<freshet_append>& rows);
  Result<std::vector<Topic>> topics_of(const freshet_store& store);
  Result<Letter> read(const std::string& topic, uint64_t id);
  Result<std::vector<uint8_t>> read(const freshet_store& store, const Kept& kept);
  Status copy_letters(const std::string& topic, bool dead);

  Caller& caller_;
  const freshet_store& from_;
  const freshet_store& to_;
  freshet_writer writer_{};
  uint64_t batch_ = 0;
  uint64_t row_ = 0;
};

}  // namespace freshet::cli
