// core/residence/tail.h: what other nodes append to a room, read from the store that they share.
//
// Rows are numbered without gaps. Of those through `seen_` the document has all. That there are
// more is heard from the store's answers to what this node appends, and by asking it where logs
// end; then they are read, and go into the document and to the room's people one after the other.
//
// Lives on the room's shard, owned by the room, which does not end while it reads. Where the store
// is not shared it does nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/residence/long_update.h"
#include "core/residence/residence.h"

namespace freshet {

class Tail {
 public:
  // The room.
  class Owner {
   public:
    // What was read is here: go_on().
    virtual void on_tail() = 0;
    virtual void close(uint16_t code, std::string_view reason) = 0;

   protected:
    ~Owner() = default;
  };
  // Who tells the room's people.
  class Hearer {
   public:
    // It is in the document, and has changed it.
    virtual void tell_others(Bytes update, const freshet_applied& applied) = 0;

   protected:
    ~Hearer() = default;
  };
  using Work = std::unique_ptr<LongUpdate>;

  // All outlive it.
  Tail(RoomServices& services, const std::string& room, Owner& owner, Residence& residence,
       Hearer& hearer)
      : services_(services), room_(room), owner_(owner), residence_(residence), hearer_(hearer) {}
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  // The document was loaded. If the room let go of it, its people are told what has come since.
  void begin();
  void sleep();       // the room lets go of it now. REQUIRES: Residence::let_go()
  void start_over();  // what the room's people were told of is not what it began with
  void tick() { later_ = false; }

  // This node has appended.
  void note_appended(const Stored& stored);
  // Where the log ends, whoever appended; no epoch: there is none. REQUIRES: begin().
  void note_end(const std::optional<freshet_epoch>& epoch, uint64_t last_seq);
  // There is something to be read.
  bool behind() const { return known_ > seen_ || doubted_; }
  bool reading() const { return reading_; }

  // Takes what was read, or reads what is missing. Not null: what a worker is to apply, and then
  // finish(). REQUIRES: the document is here, and nothing else is done with it.
  Work go_on();
  void finish(const LongUpdate& row);

 private:
  void read();
  void end_read(Status status, ReplyItems items);
  const ReplyItem* next();
  Status take(const ReplyItem& row);
  void forget_unread();

  RoomServices& services_;
  const std::string& room_;
  Owner& owner_;
  Residence& residence_;
  Hearer& hearer_;
  uint64_t seen_ = 0, known_ = 0;
  uint64_t asked_ = 0;  // what was seen when it was read last
  bool reading_ = false;
  bool doubted_ = false;  // it was said to be another, or to end before what is seen
  bool later_ = false;    // not before the next tick
  ReplyItems unread_;
  size_t next_ = 0;              // in unread_
  bool loads_again_ = false;     // the document is let go of, and people are here
  StateVector known_by_people_;  // what they have of it
};

}  // namespace freshet
