// plugins/app-webhook/sending/backlog.h: the events that wait in the outbox, as far as they are
// known: by room, each room's in order, and when the first of each may be tried.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "app-webhook/sending/clock.h"
#include "app-webhook/sending/mailbox.h"
#include "app-webhook/sending/store_retries.h"
#include "freshet/outbox.h"

namespace freshet::webhook {

// On one thread; what the outbox answers comes by the mailbox.
class Backlog {
 public:
  struct Event {
    std::string room;
    uint64_t id = 0;
  };

  // Borrows all of them.
  Backlog(const Outbox& outbox, Mailbox& mailbox, StoreRetries& retries, const Clock& clock)
      : outbox_(outbox), mailbox_(mailbox), retries_(retries), clock_(clock) {}

  // ---- knowing what there is ----
  // The outbox has new entries, up to this id.
  void added(uint64_t last_id, size_t count);
  // What was known is no longer true; of what is under way that it is.
  void begin_anew();
  // Asks for what is not known yet, while there is room for it.
  void list_more();
  // Others may have added some.
  void look() { more_ = true; }
  // Others may have revived some, whose ids are lower than what was listed: there are fewer dead
  // ones then.
  void look_for_revived() { count_all(true); }
  // Another server delivers: only what is under way is kept in mind, and how many there are.
  void stand_by();

  // ---- trying ----
  // The first of a room, if one is due: it is under way now.
  std::optional<Event> take_due();
  // It is not any more, and may be tried again then.
  void again(const std::string& room, uint64_t wait_ms);
  // It waits no more.
  void over(const std::string& room, uint64_t id);
  // It was set aside, and is over, too.
  void buried() { ++dead_; }
  // So often has the first of the room failed, this time included.
  uint64_t count_failure(const std::string& room);
  // All that wait for a time may be tried now.
  void end_pauses();

  // ---- what is known ----
  uint64_t next_due_ms() const { return due_.empty() ? UINT64_MAX : due_.begin()->first; }
  size_t under_way() const { return under_way_; }
  uint64_t happened_ms(uint64_t id) const;  // 0: it is not known
  uint64_t oldest_ms() const { return known_.empty() ? 0 : known_.begin()->second; }
  int64_t waiting() const;  // events
  int64_t dead() const { return dead_; }
  // There may be more than what is known.
  bool is_learning() const { return listing_ || more_; }
  bool is_full() const;
  uint64_t last_added() const { return added_id_; }
  // How often the outbox was asked for more, and which of these found its end.
  uint64_t lists() const { return lists_; }
  uint64_t list_to_end() const { return list_to_end_; }
  // Nothing of the room waits that was added up to this id.
  bool has_none_of(std::string_view room, uint64_t up_to_id) const {
    return listed_all_ && listed_id_ >= up_to_id && !rooms_.contains(room);
  }

 private:
  // The events of a room that wait, and the one under way.
  struct Room {
    std::string name;
    std::deque<uint64_t> ids;  // ascending; the first may be under way
    uint64_t under_way = 0;    // 0: none
    uint64_t failures = 0;     // of the first
    uint64_t due_ms = 0;       // when it may be tried
  };

  // What was asked for, and when.
  struct Asked {
    uint64_t epoch, list, added_id;
  };

  void forget();
  void on_listed(const Asked& asked, Status status, const Outbox::Items& items);
  void take_in(uint64_t id, const std::string& room, uint64_t happened_ms);
  void count_all(bool for_revived = false);
  void on_counted(const Outbox::Items& items, bool for_revived);
  void queue(Room& room, uint64_t due_ms);

  const Outbox& outbox_;
  Mailbox& mailbox_;
  StoreRetries& retries_;
  const Clock& clock_;

  std::map<std::string, Room, std::less<>> rooms_;
  std::set<std::pair<uint64_t, Room*>> due_;  // rooms with events and none under way, by due_ms
  std::map<uint64_t, uint64_t> known_;        // ids of the window, and when each happened
  size_t under_way_ = 0;
  uint64_t epoch_ = 0;      // of what is known; raised by begin_anew()
  uint64_t listed_id_ = 0;  // all up to this are, or were, in the window
  uint64_t added_id_ = 0;   // the highest of which we heard
  bool listing_ = false;
  uint64_t lists_ = 0, list_to_end_ = 0;
  bool more_ = false;        // there may be more than what was listed
  bool listed_all_ = false;  // all there was when this epoch began
  int64_t waiting_ = 0, dead_ = 0;
};

}  // namespace freshet::webhook
