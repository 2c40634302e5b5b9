// plugins/store-postgres/bus/packet.h: what a payload of NOTIFY says.
//
//   payload  = base64(packet)            ; RFC 4648 section 4, without padding; below 8,000 bytes
//   packet   = version node number *message
//   version  = %x01                      ; others are passed over
//   node     = 8OCTET                    ; drawn by the sender when it starts
//   number   = varuint                   ; of the packet, from 1 on and rising: no two payloads are
//                                        ; equal, and what was overtaken is known by it
//   message  = topic (whole / row)       ; in the order in which they were published
//   topic    = bytes
//   whole    = %x00 bytes
//   row      = %x01 varuint              ; the number of its row of bus_messages, also of this node
//
// varuint and bytes as in freshet/format/codec.h. A packet without a message is a note that its
// sender sends to itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/format/codec.h"

namespace freshet::postgres {

using NodeId = std::array<uint8_t, 8>;

// Writes packets, one after the other.
class Packets {
 public:
  explicit Packets(const NodeId& node) : node_(node) {}

  // Whether it fits a packet at all.
  static bool fits(std::string_view topic, Bytes message);

  void add(std::string_view topic, Bytes message);  // REQUIRES: it fits
  void add_row(std::string_view topic, uint64_t row);
  void add_note();  // without a message

  bool empty() const { return packet_.empty() && ended_.empty(); }
  // The payloads of all that was added since.
  std::vector<std::string> take();

 private:
  void make_room(size_t bytes);
  void end();

  const NodeId node_;
  uint64_t last_number_ = 0;
  std::vector<uint8_t> packet_;  // the one that is being filled; empty: none
  std::vector<std::string> ended_;
};

// Reads one. Views borrow from it.
class PacketReader {
 public:
  struct Message {
    std::string_view topic;
    Bytes whole;  // empty: it is in a row
    uint64_t row = 0;
  };

  // Replaced by what the payload holds. False: nothing that this version can read.
  bool open(std::string_view payload);

  const NodeId& node() const { return node_; }
  uint64_t number() const { return number_; }
  bool is_note() const { return rest_.at_end(); }
  // The next; nothing at the end of it, or where it is damaged: ok() tells which.
  std::optional<Message> next();
  bool ok() const { return rest_.ok(); }

 private:
  std::vector<uint8_t> bytes_;
  NodeId node_{};
  uint64_t number_ = 0;
  Reader rest_{Bytes()};
};

std::string to_base64(Bytes bytes);
// Replaces `out`. False: it is none.
bool from_base64(std::string_view text, std::vector<uint8_t>& out);

}  // namespace freshet::postgres
