// core/residence/tail.h: what other nodes append to a room.
//
// Rows are numbered without gaps, and of some of them the document is known to have all. That there
// are more is heard from the store's answers to what this node appends, and by asking it where logs
// end; on a bus, as soon as another node has applied an edit (early.h), and when it has stored it.
// What is missing then is read from the store that they share, and goes into the document and to
// the room's people one after the other. A bus makes it quick, and nothing depends on it.
//
// Lives on the room's shard, owned by the room, which does not end before at_rest(). Where the
// store is not shared it does nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster/bus_message.h"
#include "core/residence/early.h"
#include "core/residence/log_spans.h"
#include "core/residence/long_update.h"
#include "core/residence/residence.h"
#include "core/residence/row_marks.h"
#include "core/store/log_end.h"

namespace freshet {

class Tail {
 public:
  // The room.
  class Owner {
   public:
    // What was read is here, or it is time to look after what was heard: go_on().
    virtual void on_tail() = 0;
    virtual void close(uint16_t code, std::string_view reason) = 0;

   protected:
    ~Owner() = default;
  };
  // Who tells the room's people.
  class Hearer {
   public:
    // It is in the document, and has changed it. `by`: as far as it is known.
    virtual void tell_others(Bytes update, const freshet_source& by,
                             const freshet_applied& applied) = 0;

   protected:
    ~Hearer() = default;
  };
  using Work = std::unique_ptr<LongUpdate>;

  // All outlive it.
  Tail(RoomServices& services, const std::string& room, Owner& owner, Residence& residence,
       Hearer& hearer)
      : services_(services),
        room_(room),
        owner_(owner),
        residence_(residence),
        hearer_(hearer),
        early_(services, residence) {}
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  // The document was loaded. If the room let go of it, its people are told what has come since.
  void begin();
  void sleep();  // the room lets go of it now. REQUIRES: Residence::let_go()
  const RowMarks& marks() const { return marks_; }
  uint64_t through() const { return log_.through(); }  // all rows to there are in the document
  void start_over();  // what the room's people were told of is not what it began with
  void tick() { later_ = false; }

  // This node has appended.
  void note_appended(const Stored& stored);
  // The journal was refused what this room had in it, for another history is there.
  void note_refused();
  // Nothing that is unsaved ever will be.
  void forget_unsaved() { early_.forget(); }
  // Whoever appended. REQUIRES: begin().
  void note_end(const LogEnd& end);
  // What another node has stored. The same.
  void hear(const freshet_writer& by, const bus::Stored& stored);
  // Before begin().
  void hear_while_loading(uint64_t last_seq) { known_after_ = std::max(known_after_, last_seq); }
  // Its history may be another one.
  void doubt() { doubted_ = true; }
  // The store was out of reach, or may have been, and may be another one than before, which lacks
  // some of it: that shows when the log's end is heard next, or in the last rows that are had.
  void doubt_last_rows();
  // What it is about to store. REQUIRES, too: the document is here, and nothing else is done with
  // it.
  void hear(const freshet_writer& by, const bus::Edit& edit);

  // There is something to be read.
  bool behind() const { return known_ > log_.through() || doubted_ || lost_; }
  bool at_rest() const { return !reading_ && !looks_again_; }

  // Takes what was read, or reads what is missing. Not null: what a worker is to apply, and then
  // finish(). REQUIRES: the document is here, and nothing else is done with it.
  Work go_on();
  void finish(const LongUpdate& row);
  // Sees to it that what was heard is stored by somebody. go_on() does, too.
  void store_early();

 private:
  struct Note {
    freshet_writer by;
    bus::Stored stored;
  };

  void note_row(const RowMarks::Row& row);
  void note_rows(uint64_t first_seq, const RowMarks::Row& last);
  void read_in_time();
  void look_again();
  void read();
  void end_read(Status status, ReplyItems items);
  const ReplyItem* next();
  Status take(const ReplyItem& row);
  void end_row();
  void settle_writer_of_row();
  uint64_t read_from();
  void end_read_of_another(Status status, const ReplyItems& items);
  void bring_back();
  void forget_unread();
  bool note_epoch(const std::optional<freshet_epoch>& epoch);
  void match_notes();

  RoomServices& services_;
  const std::string& room_;
  Owner& owner_;
  Residence& residence_;
  Hearer& hearer_;
  Early early_;
  LogSpans log_;
  RowMarks marks_;
  uint64_t known_ = 0;
  uint64_t known_after_ = 0;             // it is loaded
  freshet_epoch asked_of_{};             // what it was read of last
  uint64_t asked_ = 0;                   // what was had when it was read last
  bool looked_back_ = false;             // rows that are had were read once more
  bool only_looked_back_ = false;        // and nothing else came
  bool unsure_ = false;                  // see doubt_last_rows()
  std::optional<Residence::Left> lost_;  // some that was had is
  uint64_t behind_since_ms_ = 0;         // 0: it is not
  uint64_t grown_ms_ = 0;                // when rows were added last that are had
  bool reading_ = false;
  bool looks_again_ = false;  // a timer is set
  bool doubted_ = false;      // it was said to be another, or to end before what is had
  bool unheard_ = false;      // some was stored without being said before
  bool took_early_ = false;   // and somebody may wait for that
  bool later_ = false;        // not before the next tick
  std::vector<Note> notes_;   // commits of which not all was heard yet
  ReplyItems unread_;
  size_t next_ = 0;              // in unread_
  bool loads_again_ = false;     // the document is let go of, and people are here
  StateVector known_by_people_;  // what they have of it
};

}  // namespace freshet
