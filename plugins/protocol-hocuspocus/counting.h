// counting.h: which updates a provider waits to hear of.
//
// A provider counts what is unsynced. It begins with 1 when it sends its step1, for the step2 that
// it will be asked for, adds 1 for each update that it makes, and takes 1 off for each that it is
// told is saved. What it made while it was offline waits in a queue of its own, and leaves when it
// has heard the first message of a new socket, behind the step1 of that socket. None of that is
// counted, as the step2 brings all of it. To be told of it all the same would take off what stands
// for something else, and a provider would show as synced what is on no disk.
//
// Told apart are the two by the state vector of the step1: what was made before it is in there.
// Updates that only delete are not. They are taken for old ones from when the server has said
// something until the first answer to that comes: a provider that has deleted something in the
// moment in between shows it as unsynced until it comes back. What comes around them does not tell
// more: a queue of deletions alone may have something new right behind it.
#pragma once

#include <cstdint>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::hocuspocus {

// What is known of a whole socket.
struct Line {
  bool spoken = false;   // its client may have heard from us, and have begun to empty its queue
  bool emptied = false;  // it has answered: nothing of that is left
};

class Counting {
 public:
  explicit Counting(const Line& line) : line_(line) {}

  // A step1 has come. False: it is one of those that waited, and not to be answered again.
  bool begin(Bytes state_vector);
  // The step2 that it was asked for has come.
  void end();
  // What follows is somebody else's.
  void forget();

  // An update has come. `open`: its client was let in before it was made.
  bool counts(Bytes update, bool open) const;

 private:
  enum class Stage { none, begun, ended };

  const Line& line_;
  Stage stage_ = Stage::none;
  std::vector<uint8_t> state_vector_;  // begun
};

}  // namespace freshet::hocuspocus
