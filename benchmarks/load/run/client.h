// client.h: one connection and who sits behind it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "load/edits/presence_credit.h"
#include "load/edits/reader_credit.h"
#include "load/frames/frame_reader.h"
#include "load/frames/frame_writer.h"
#include "load/frames/inbox.h"
#include "load/measure/tally.h"
#include "load/wires/wire.h"
#include "poller.h"
#include "room.h"

namespace freshet::load {

enum class Greeting { websocket, none };

// What all clients of a run share.
struct World {
  const Wire& wire;
  Greeting greeting;
  std::string host;
  uint16_t port;
  Poller poller;
  Tally tally;
  std::vector<uint8_t> read_buffer = std::vector<uint8_t>(kReadBytes);
};

// A connection that ended without a close.
inline constexpr uint16_t kAbnormal = 1006;

// Of the edits of others in the room, and of the states of presence of others: how many somebody
// should have got since it was in sync, and how many it has. One that has left should have got what
// it got.
struct Books {
  uint64_t expected = 0, received = 0, states_expected = 0, states_received = 0;

  bool complete() const { return expected == received && states_expected == states_received; }
  Books& operator+=(const Books& other) {
    expected += other.expected;
    received += other.received;
    states_expected += other.states_expected;
    states_received += other.states_received;
    return *this;
  }
};

class Client {
 public:
  enum class State { connecting, upgrading, joining, synced, leaving, over };

  // `author`: who it is in the room, a writer or the document's author; none: it only reads.
  // `world` and `room` outlive it.
  Client(World& world, Room& room, Person person, std::optional<uint32_t> author);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  State state() const { return state_; }
  bool synced() const { return state_ == State::synced; }
  bool over() const { return state_ == State::over; }
  // When it came, or when it said that it leaves.
  int64_t since_ns() const { return since_ns_; }
  std::optional<uint32_t> author() const { return author_; }
  Room& room() const { return room_; }

  void connect();
  void ready(uint32_t events);

  // Adds the writer's next edit to what is to be sent; flush() sends it.
  // False: this client is not there any more, and the edit is not written.
  bool write_next(int64_t due);
  // State number `state` of its presence. False: it is not there.
  bool show(uint64_t state);
  void renew();
  void flush();

  // As a page that is closed: says so, and is over when the server has answered.
  void leave();
  void pause();
  void resume();

  Books books() const;
  // When it was in sync and had the whole document of the start, or, if it brought that, when the
  // server had; 0: not yet.
  int64_t whole_ns() const { return whole_ns_; }
  // Of one that is over: what the server said, or 1006 if it said nothing.
  uint16_t close_code() const { return close_code_; }

 private:
  void finish_connect();
  void receive();
  size_t take(Bytes in);
  size_t take_upgrade(Bytes in);
  bool take_frame(const Frame& frame);
  void hear(const Body& body);
  void credit(const Body& body);
  void credit_others(const Contribution& part, const Contribution& now,
                     std::span<const int64_t> dues);
  void credit_own(const Contribution& now);
  void credit_presence(const Body& body);
  void adopt(const Body& body);
  void saved_through(uint64_t number);
  void look_whether_stored();
  void synced_now();
  void look_whether_whole();
  void take_close(Bytes payload);
  void end();
  void fail(const std::string& why);
  void watch();

  World& world_;
  Room& room_;
  Person person_;
  const std::optional<uint32_t> author_;
  ReaderCredit credit_;
  PresenceCredit states_;
  FrameReader frames_;
  Inbox inbox_;
  std::vector<uint8_t> out_;
  size_t out_sent_ = 0;
  FrameWriter writer_;
  // When what awaits its acknowledgement was due; kNoEdit for what is none. Not of echoes.
  std::deque<int64_t> awaited_;
  uint64_t acknowledged_ = 0;
  uint64_t others_before_ = 0;  // edits of others that were there when it came
  uint64_t received_ = 0;
  int64_t since_ns_, at_ns_ = 0;  // connected; what is read now was read then
  int64_t whole_ns_ = 0;
  int fd_ = -1;
  uint16_t close_code_ = kAbnormal;
  State state_ = State::connecting;
  bool paused_ = false, was_paused_ = false, was_synced_ = false, has_left_ = false;
};

}  // namespace freshet::load
