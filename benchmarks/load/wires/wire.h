// wire.h: what the clients of one protocol say, and how they understand what they are told.
//
// A wire keeps nothing: what a message says is a function of its bytes, so one that a hundred
// readers get is read once. Who speaks is a Person; what is said goes to a FrameWriter as whole
// frames.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"
#include "load/edits/presence_credit.h"
#include "load/frames/frame_writer.h"

namespace freshet::load {

// One client, as it presents itself.
struct Person {
  std::string room;
  std::string name;
  uint64_t client_id;             // in the Yjs document
  std::vector<uint8_t> document;  // what it brings: an update
  std::string session;            // as the server calls it, on wires where it does
  uint32_t place = 0;             // in the room
  uint64_t state = 0;             // number of its presence; 0: as it came
  uint32_t clock = 0;             // of its awareness: how often it has been shown
};

enum class Word {
  nothing,        // of no consequence to who only counts edits
  registered,     // pluv: text is the session's id
  asked,          // "what have you that I have not?": answered with the person's document
  state,          // the document at the time of joining; from now on the client is in sync
  update,         // an edit, or several
  saved_next,     // the first of what this client sent and what is not acknowledged is saved
  saved_through,  // all to the number-th are
  presence,       // somebody's, which read_presence() reads
  joined,         // pluv: text is who has come, with presence
  others,         // pluv: who else is here; from now on the client hears of all presence
  ping,           // of the wire itself
  refused,        // text is why; the client is of no more use
  broken,         // nothing this wire knows
};

struct Heard {
  Word word = Word::nothing;
  Bytes body = {};             // state, update: format v1; presence, joined: as the wire has it
  std::string_view text = {};  // registered, joined, refused; of pluv's state, as it came
  uint64_t number = 0;         // saved_through
};

// How a client learns that its edit is on disk, or at least has been taken.
enum class Acknowledgement { none, echo, counted, numbered };

// Whether the clients of a Yjs wire show themselves; if not, a server does not learn which client
// ids they write with.
enum class Awareness { shown, none };

class Wire {
 public:
  virtual ~Wire() = default;

  // Of the request that opens the connection.
  virtual std::string target(std::string_view room) const = 0;
  virtual Opcode opcode() const = 0;
  virtual Acknowledgement acknowledgement() const = 0;
  // A client says so often that it is there.
  virtual int64_t renewal_ns() const = 0;

  // Views of the result are of `message` or `scratch`, which is overwritten.
  virtual Heard read(Bytes message, std::vector<uint8_t>& scratch) const = 0;
  // Appends what was heard of who shows what; nothing if it was of something else.
  virtual void read_presence(const Heard& heard, std::vector<Shown>& out) const = 0;

  virtual void open(Person& who, FrameWriter& out) const = 0;
  // How many of the frames will be acknowledged as an edit is.
  virtual unsigned answer(const Heard& heard, Person& who, FrameWriter& out) const = 0;
  virtual void edit(const Person& who, Bytes update, FrameWriter& out) const = 0;
  virtual void show(Person& who, FrameWriter& out) const = 0;
  virtual void renew(Person& who, FrameWriter& out) const = 0;
};

}  // namespace freshet::load
